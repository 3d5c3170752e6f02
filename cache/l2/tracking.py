"""Invalidations: the server tells the data connection itself who wrote what.

In one connection the server orders replies and invalidations, so none overtakes the reply that
it is about. Own plain writes are not echoed (``NOLOOP``), own scripts' writes are.
"""

from collections.abc import Callable, Collection
from typing import Any

from coredis.exceptions import AuthorizationError, UnknownCommandError

from cache.errors import ConfigError
from cache.l2.link import Link
from cache.l2.names import Names


async def track(link: Link, names: Names) -> None:
    """Ask for the invalidations of every key of the namespace.

    Raises:
        ConfigError: The server is too old for it, or does not permit it.
    """
    try:
        await link.ask(b"CLIENT", b"TRACKING", b"ON", b"BCAST", b"PREFIX", names.prefix, b"NOLOOP")
    except AuthorizationError:
        raise ConfigError(
            f"{link.endpoint} does not permit CLIENT TRACKING: grant the user +client|tracking, "
            'or set coherence="ttl"'
        ) from None
    except UnknownCommandError:
        raise ConfigError(f'{link.endpoint} has no CLIENT TRACKING: set coherence="ttl"') from None


def written_keys(message: list[Any], names: Names) -> list[str] | None:
    """Return the keys that a push of the server says were written, None for all of them."""
    if message[0] != b"invalidate":
        return []
    if message[1] is None:
        return None
    keys = (names.key(name) for name in message[1])
    return [key for key in keys if key is not None]


def deliver(
    message: list[Any], names: Names, on_invalidated: Callable[[Collection[str] | None], None]
) -> None:
    """Pass on what a push says, unless it is about something else."""
    keys = written_keys(message, names)
    if keys is None or keys:
        on_invalidated(keys)
