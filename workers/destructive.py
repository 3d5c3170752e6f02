"""Servers that others use and that faults may break all the same, since a worker's user says so.

A job names no server: who starts a worker says which of those that it reaches may be broken.
"""

import os
from collections.abc import Collection, Iterable

from pipeline.servers.identity import server_identity

ALLOWED_VARIABLE = "BENCH_ALLOWED_DESTRUCTIVE"
_SEPARATOR = "\n"


def allowing_destruction(identities: Iterable[str]) -> dict[str, str]:
    """What a worker process finds in its environment, so that its faults may break these servers.

    Args:
        identities: As `pipeline.servers.identity` makes them of URLs.
    """
    return {ALLOWED_VARIABLE: _SEPARATOR.join(identities)}


def allowed_for_destruction() -> tuple[str, ...]:
    """The servers that this process's faults may break."""
    return tuple(filter(None, os.environ.get(ALLOWED_VARIABLE, "").split(_SEPARATOR)))


def is_allowed(url: str, allowed: Collection[str]) -> bool:
    """Whether the server of a URL is one of those that may be broken.

    Args:
        url: Of a Redis or Valkey server.
        allowed: Servers by their identity.
    """
    return server_identity(url) in allowed
