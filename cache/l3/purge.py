"""Forgets what L3 has kept for long enough after its end, in every namespace."""

from collections import defaultdict
from typing import Final

from cache.l3 import statements
from cache.l3.rows import NOTHING, document
from cache.l3.session import SqlSession
from cache.l3.table import PURGE_KEEP_S

_STEP: Final = 500


async def purge_some(session: SqlSession) -> tuple[int, bool]:
    """Delete some of what expired, or was deleted, longer than ``PURGE_KEEP_S`` ago.

    Until then a row keeps its version, by which a load that began before a delete is refused.

    Args:
        session: In a transaction.

    Returns:
        The number of entries deleted, and whether there may be more to delete.
    """
    rows = await session.fetch(statements.PURGE_SOME, keep_s=PURGE_KEEP_S, rows=_STEP)
    tagged: dict[str, list[str]] = defaultdict(list)
    for namespace, row, has_tags in rows:
        if has_tags:
            tagged[namespace].append(row)
    for namespace, names in tagged.items():
        parameters = {"namespace": namespace, "names": document(names), "batch": NOTHING}
        await session.fetch(statements.UNTAG, **parameters)
    expected = await session.fetch(statements.PURGE_EXPECTED, rows=_STEP)
    return len(rows), _STEP in {len(rows), len(expected)}
