"""A Redis server in a container of Testcontainers, which keeps its port when it is killed."""

import os
from collections.abc import Sequence

import docker.errors
import redis
import requests
from testcontainers.community.redis import RedisContainer
from testcontainers.core.config import ConnectionMode
from testcontainers.core.exceptions import ContainerConnectException, ContainerStartException

from pipeline.errors import ServiceUnavailableError
from pipeline.servers.base import HOST, Server, answering_process, free_port, wait_until

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
_OPTIONS = ["--save", "", "--appendonly", "no", "--protected-mode", "no"]


class DockerServer(Server):
    """One Redis server in a container, reached through a port of loopback where Docker is local.

    Args:
        options: More of its command line, `--name` and value in turn.
    """

    def __init__(self, options: Sequence[str] = ()) -> None:
        self._more_options = options
        self._container: RedisContainer | None = None
        self._url = ""

    @property
    def url(self) -> str:
        """Its URL once it was started."""
        return self._url

    def start(self) -> str:
        """Start it and wait until it answers; its URL.

        Raises:
            ServiceUnavailableError: Docker does not answer, lacks the image, or the server in it
                does not start.
        """
        try:
            self._container = RedisContainer(IMAGE)
            self._container.with_command(["redis-server", *_OPTIONS, *self._more_options])
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
        """Kill it at once (SIGKILL); its data are gone."""
        if self._state() in {"running", "paused"}:
            self._call("kill")
        wait_until(lambda: self._state() == "exited", _START_S)

    def restart(self) -> None:
        """Start it again, empty, at the same URL; killed first where it still runs.

        Raises:
            ServiceUnavailableError: It does not start.
        """
        self.kill()
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

    def _call(self, method: str) -> None:
        if self._container is None:
            raise ServiceUnavailableError("the Redis container is not running")
        try:
            getattr(self._container.get_wrapped_container(), method)()
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
