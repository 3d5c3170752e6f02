"""What starting any server takes: a port of its own, patience, and a sign of life."""

import random
import socket
import time
from collections.abc import Callable

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

HOST = "127.0.0.1"

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

# Below the ephemeral range: a client that keeps knocking at a killed server's port from inside
# that range can end up connected to itself.
_PORTS = range(20_000, 32_000)
_TIMEOUT_S = 0.5
_PAUSE_S = 0.01


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    candidates = random.SystemRandom().sample(_PORTS, 100)
    return next(port for port in candidates if _is_free(port))


def admin_client(url: str) -> redis.Redis:
    """A client that gives up soon and never tries twice; to be closed.

    Args:
        url: Of a Redis or Valkey server.
    """
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=_TIMEOUT_S,
        socket_timeout=_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )


def answering_process(url: str) -> int | None:
    """The process id that the server at the URL says it has; None where it does not answer.

    One that still loads its data refuses all but a few commands, and does not count as answering.
    """
    try:
        with admin_client(url) as client:
            client.ping()
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


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
        return True
