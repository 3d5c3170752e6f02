"""One namespace of a server as a whole: what lies under its tags, and its removal."""

from collections.abc import Collection
from typing import Final

from coredis.exceptions import ResponseError, WrongTypeError

from cache.l2 import scripts
from cache.l2.batches import chunks
from cache.l2.session import Session, checked
from cache.l2.values import is_full

_SCAN_STEP: Final = 1000


async def tagged(session: Session, tags: Collection[str]) -> set[str]:
    """Return the keys under any of ``tags``, and some that were."""
    names, now_ms = session.names, int(session.clock.earliest_ms())
    keys: set[str | None] = set()
    for chunk in chunks(tags):
        sets = await session.link.reply(
            session.link.send_all(
                (b"ZRANGEBYSCORE", names.of_tag(tag), now_ms, b"+inf") for tag in chunk
            )
        )
        for members in sets:
            if not isinstance(members, WrongTypeError):
                keys.update(map(names.key, checked(members)))
    return {key for key in keys if key is not None}


async def clear(session: Session, version: int) -> int:
    """Raise the floor, then remove values, leases and tags with SCAN and UNLINK, step by step.

    Tags go before values: a value that loses its tags here is itself still to come.

    Args:
        session: The connection to the server.
        version: The least that the floor becomes; 0 leaves it to the server.

    Returns:
        The floor.
    """
    floor = await raise_floor(session, version)
    await remove_tags(session)
    await remove_values(session)
    return floor


async def raise_floor(session: Session, version: int) -> int:
    """Refuse what was missed before, and what was written before ``version``."""
    try:
        return int(await session.run(scripts.CLEAR, version))
    except ResponseError as error:
        if not is_full(error):
            raise
    # A server without memory gets room first, and then the floor.
    await remove_tags(session)
    await remove_values(session)
    return int(await session.run(scripts.CLEAR, version))


async def remove_tags(session: Session) -> None:
    """Remove the sets of every tag."""
    names = session.names
    await _remove(session, names.pattern(names.tags), (names.tags,))


async def remove_values(session: Session) -> None:
    """Remove every value and every lease."""
    prefix = session.names.prefix
    await _remove(session, "*" + session.names.pattern(prefix), (prefix, f"lease~{prefix}"))


async def _remove(session: Session, pattern: str, prefixes: tuple[str, ...]) -> None:
    begins = tuple(prefix.encode() for prefix in prefixes)
    cursor: bytes | int = 0
    while True:
        cursor, found = await session.link.ask(
            b"SCAN", cursor, b"MATCH", pattern, b"COUNT", _SCAN_STEP
        )
        ours = [name for name in found if name.startswith(begins)]
        if ours:
            await session.remove(ours)
        if int(cursor) == 0:
            return
