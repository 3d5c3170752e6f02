"""What every server that Tierbench starts can do, and how it is known to be ready."""

import random
import re
import socket
import time
from collections.abc import Callable, Mapping
from pkgutil import resolve_name
from types import TracebackType
from typing import Literal, Protocol, Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from pipeline.errors import ServerSettingError

HOST = "127.0.0.1"

ServerKind = Literal["embedded", "docker"]

L2_SETTINGS = (
    "active-expire-effort",
    "hz",
    "io-threads",
    "lazyfree-lazy-eviction",
    "lazyfree-lazy-expire",
    "maxmemory",
    "maxmemory-policy",
    "maxmemory-samples",
    "tcp-keepalive",
    "timeout",
)
"""What may be said about a server's configuration; nothing that opens, stores or runs anything."""

# Resolved when asked for: Testcontainers takes longer to import than all the rest.
_KINDS: dict[ServerKind, str] = {
    "embedded": "pipeline.servers.embedded:EmbeddedServer",
    "docker": "pipeline.servers.docker:DockerServer",
}
# Below the ephemeral range: a client that keeps knocking at a killed server's port from inside
# that range can end up connected to itself.
_PORTS = range(20_000, 32_000)
_PROBE_TIMEOUT_S = 0.5
# No blanks and no dash at the begin: on every server's command line a value stays a value.
_PLAIN_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PAUSE_S = 0.01


class Server(Protocol):
    """A server of one's own on loopback: no password, nothing kept on disk, one port for life."""

    @property
    def url(self) -> str:
        """Its URL once it was started."""

    def start(self) -> str:
        """Start it and wait until it answers; its URL."""

    def kill(self) -> None:
        """Kill it at once (SIGKILL); its data are gone."""

    def restart(self) -> None:
        """Start it again, empty, at the same URL, and wait until it answers."""

    def pause(self) -> None:
        """Stop it from running; connections stay open and nothing is answered."""

    def resume(self) -> None:
        """Let it run on."""

    def stop(self) -> None:
        """End it in whatever state it is, and leave nothing behind; harmless when repeated."""

    def log(self) -> str:
        """The end of what it has logged."""

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        self.stop()


def make_server(kind: ServerKind, settings: Mapping[str, str] | None = None) -> Server:
    """A server that was not started yet.

    Args:
        kind: Where it runs.
        settings: Its configuration by names of `L2_SETTINGS`, kept over restarts.

    Raises:
        ServerSettingError: One of them may not be set.
    """
    server: Server = resolve_name(_KINDS[kind])(_options(settings or {}))
    return server


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    candidates = random.SystemRandom().sample(_PORTS, 100)
    return next(port for port in candidates if _is_free(port))


def answering_process(url: str) -> int | None:
    """The process id that the server at the URL says it has; None where it does not answer."""
    client = redis.Redis.from_url(
        url,
        socket_connect_timeout=_PROBE_TIMEOUT_S,
        socket_timeout=_PROBE_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        with client:
            return int(client.info("server")["process_id"])
    except redis.RedisError:
        return None


def wait_until(condition: Callable[[], bool], within_s: float) -> bool:
    """Wait for a condition; False where it did not come true in time."""
    end_s = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > end_s:
            return False
        time.sleep(_PAUSE_S)
    return True


def _options(settings: Mapping[str, str]) -> tuple[str, ...]:
    for name, value in settings.items():
        if name not in L2_SETTINGS:
            raise ServerSettingError(
                f"l2_settings.{name}: may not be set; these may: {', '.join(L2_SETTINGS)}"
            )
        if not _PLAIN_VALUE.fullmatch(value):
            raise ServerSettingError(
                f"l2_settings.{name}: {value!r} is not a plain value such as 64mb"
            )
    return tuple(part for name, value in settings.items() for part in (f"--{name}", value))


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
        return True
