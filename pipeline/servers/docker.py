"""A Redis server in a container of Testcontainers, which keeps its port when it is killed."""

import io
import os
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import docker.errors
import redis
import requests
from testcontainers.community.redis import RedisContainer
from testcontainers.core.config import ConnectionMode
from testcontainers.core.exceptions import ContainerConnectException, ContainerStartException

from pipeline.errors import ServerSettingError, ServiceUnavailableError
from pipeline.servers.base import HOST, answering_process, free_port, wait_until
from pipeline.servers.server import Server
from pipeline.servers.storage import storage_options

IMAGE = "redis:7-alpine"

_PORT = 6379
_START_S = 20.0
# What the client says before any other failure, with its HTTP library's words after it.
_NO_ENGINE = "Error while fetching server API version"
_MEND = "start Docker and see that it may use that image, or use --services embedded"
_MEND_RYUK = "set TESTCONTAINERS_RYUK_DISABLED=true where Testcontainers' own image can't be pulled"
_DOCKER_ERRORS = (
    docker.errors.DockerException,
    requests.RequestException,
    ContainerConnectException,
    ContainerStartException,
    # What its wait for the first PING raises, besides:
    redis.RedisError,
    RuntimeError,
    TimeoutError,
)
# A log of writes that names none before it: put in the place of its own, it has forgotten all.
_FOLDER = "/data"
_LOG = "appendonly.aof.1.incr.aof"
_EMPTY_LOG = {
    "appendonlydir/appendonly.aof.manifest": f"file {_LOG} seq 1 type i\n",
    f"appendonlydir/{_LOG}": "",
}


class DockerServer(Server):
    """One Redis server in a container, reached through a port of loopback where Docker is local.

    Args:
        options: More of its command line, `--name` and value in turn.
        durable: Whether it can come back with its data.
        folder: Not used; its data lie in the container and go with it.
    """

    def __init__(
        self,
        options: Sequence[str] = (),
        *,
        durable: bool = False,
        folder: Path | None = None,  # noqa: ARG002 - other kinds have a use for it
    ) -> None:
        self._options = (
            *("--dir", _FOLDER, "--protected-mode", "no"),
            *storage_options(durable=durable),
            *options,
        )
        self._durable = durable
        self._container: RedisContainer | None = None
        self._url = ""

    @property
    def url(self) -> str:
        """Its URL once it was started."""
        return self._url

    @property
    def peer_address(self) -> tuple[str, int]:
        """Host and port at which a server in another container reaches it."""
        if self._container is None:
            raise ServiceUnavailableError("the Redis container is not running")
        engine = self._container.get_docker_client()
        return engine.bridge_ip(self._container.get_wrapped_container().id), _PORT

    def start(self) -> str:
        """Start it and wait until it answers; its URL.

        Raises:
            ServiceUnavailableError: Docker does not answer, lacks the image, or the server in it
                does not start.
        """
        try:
            self._container = RedisContainer(IMAGE)
            self._container.with_command(["redis-server", *self._options])
            _bind_port(self._container)
            self._container.start()
            host = self._container.get_container_host_ip()
            self._url = f"redis://{host}:{self._container.get_exposed_port(_PORT)}/0"
        except _DOCKER_ERRORS as error:
            self.stop()
            raise _unavailable(error) from None
        self._wait_until_ready()
        return self._url

    def kill(self) -> None:
        """Kill it at once (SIGKILL)."""
        if self._state() in {"running", "paused"}:
            self._call("kill")
        wait_until(lambda: self._state() == "exited", _START_S)

    def restart(self, *, keep_data: bool = False) -> None:
        """Start it again at the same URL; killed first where it still runs.

        Args:
            keep_data: Whether it comes back with its data, as only a durable one can, or empty.

        Raises:
            ServerSettingError: It is not durable.
            ServiceUnavailableError: It does not start.
        """
        if keep_data and not self._durable:
            raise ServerSettingError(f"the server at {self._url} keeps no data to come back with")
        self.kill()
        if self._durable and not keep_data:
            self._call("put_archive", _FOLDER, _archive(_EMPTY_LOG))
        self._call("start")
        self._wait_until_ready()

    def pause(self) -> None:
        """Freeze it; connections stay open and nothing is answered."""
        self._call("pause")

    def resume(self) -> None:
        """Let it run on."""
        self._call("unpause")

    def stop(self) -> None:
        """Remove it in whatever state it is; harmless when repeated."""
        container, self._container = self._container, None
        if container is None:
            return
        try:
            container.stop()
        except docker.errors.NotFound:
            return
        except _DOCKER_ERRORS as error:
            raise _unavailable(error) from None

    def log(self) -> str:
        """The end of what it has logged."""
        if self._container is None:
            return ""
        logged: bytes = self._container.get_wrapped_container().logs(tail=40)
        return logged.decode(errors="replace").strip()

    def _call(self, method: str, *arguments: object) -> None:
        if self._container is None:
            raise ServiceUnavailableError("the Redis container is not running")
        try:
            getattr(self._container.get_wrapped_container(), method)(*arguments)
        except _DOCKER_ERRORS as error:
            raise _unavailable(error) from None

    def _state(self) -> str:
        if self._container is None:
            return "removed"
        self._call("reload")
        return str(self._container.get_wrapped_container().status)

    def _wait_until_ready(self) -> None:
        if not wait_until(lambda: answering_process(self._url) is not None, _START_S):
            last_words = "".join(self.log().splitlines()[-1:])
            self.stop()
            raise ServiceUnavailableError(f"Redis in Docker does not answer: {last_words}")


def _archive(files: Mapping[str, str]) -> bytes:
    """Files as Docker takes them, which the server may write whoever it runs as."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text), 0o666
            archive.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


def _bind_port(container: RedisContainer) -> None:
    engine = container.get_docker_client()
    local = engine.get_connection_mode() is ConnectionMode.docker_host
    if local and engine.host() in {"localhost", HOST}:
        # `with_bind_ports` has no word for the address and would listen on every one.
        container.ports[str(_PORT)] = (HOST, free_port())  # type: ignore[assignment]
    else:
        container.with_bind_ports(_PORT, free_port())


def _unavailable(error: Exception) -> ServiceUnavailableError:
    reason = " ".join(str(error).split())[:300]
    if _NO_ENGINE in reason:
        where = os.environ.get("DOCKER_HOST") or "its usual socket"
        return ServiceUnavailableError(
            f"no Docker engine answers at {where}; start Docker, set DOCKER_HOST, "
            "or use --services embedded"
        )
    mend = _MEND_RYUK if "ryuk" in reason else _MEND
    return ServiceUnavailableError(f"no Redis ({IMAGE}) in Docker: {reason}; {mend}")
