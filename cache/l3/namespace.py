"""One namespace's rows: what is read of them and done to them on one connection of L3."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from cache.errors import TierError
from cache.l3 import statements
from cache.l3.rows import (
    NOTHING,
    Line,
    document,
    read_entries,
    tag_document,
    write_parameters,
)
from cache.l3.session import Rows, SqlSession
from cache.l3.table import PURGE_KEEP_S, long_key, original_key, row_key
from cache.tier import Entry

STEP: Final = 500
"""Rows that one housekeeping transaction deletes."""

_MOST_PENDING: Final = 1000


class Namespace:
    """The statements of one namespace, each on a session that the caller has to itself.

    Args:
        name: Its name.
        notes_pending: List each written key until L2 is known to have it.
    """

    def __init__(self, name: str, *, notes_pending: bool) -> None:
        self._name = row_key(name)
        self._notes_pending = notes_pending

    async def enter(self, session: SqlSession) -> None:
        """Make the row that holds the floor; nothing is read or written without one."""
        if not await self._fetch(session, statements.READ, names=NOTHING):
            await self._fetch(session, statements.ENTER)

    async def read(
        self, session: SqlSession, keys: Collection[str]
    ) -> tuple[dict[str, Entry], int, int]:
        """Return the entries, the number of payloads that can't be decoded, and the floor."""
        by_row = {row_key(key): key for key in keys}
        rows = await self._fetch(session, statements.READ, names=document(list(by_row)))
        if not rows:
            raise self._lost()
        return *read_entries(rows, by_row), rows[0][0]

    async def store(self, session: SqlSession, lines: Sequence[Line]) -> dict[str, int]:
        """Store, delete and fill, in a transaction that is open.

        Returns:
            The version of each key that was taken; a fill that was refused is absent.
        """
        rows = await self._fetch(session, statements.STORE, **write_parameters(lines))
        versions: dict[str, int] = {row: version for row, version, _ in rows}
        taken = [line for line in lines if line.row in versions]
        written = [line for line in lines if line.write.seen is None]
        if any(line.row not in versions for line in written):
            raise self._lost()
        tags = tag_document((line.key, line.write.tags) for line in taken)
        await self._untag(session, [row for row, _, has_tags in rows if has_tags], keep=tags)
        if tags != NOTHING:
            await self._fetch(session, statements.TAG, batch=tags)
        if self._notes_pending and written:
            cells = [(row, versions[row], long_key(key, row)) for row, key, _ in written]
            await self._fetch(session, statements.NOTE, batch=document(cells))
        return {line.key: versions[line.row] for line in taken}

    async def tagged(self, session: SqlSession, tags: Collection[str]) -> set[str]:
        """Return the keys that carry any of ``tags`` or are being loaded under one."""
        names = document([row_key(tag) for tag in tags])
        rows = await self._fetch(session, statements.TAGGED, names=names)
        return {original_key(row, long) for row, long in rows}

    async def expect(self, session: SqlSession, tags: Mapping[str, Collection[str]]) -> None:
        """Note keys that are being loaded under tags.

        An invalidation looks tags up and then deletes what it found, which moves a key's version.
        A load notes its tags before it asks the origin: so either the invalidation finds the key
        and the load's fill is refused for its version, or the load asks an origin that had
        changed already.
        """
        batch = tag_document(tags.items())
        await self._fetch(session, statements.EXPECT, batch=batch, keep_s=PURGE_KEEP_S)

    async def pending(self, session: SqlSession, older_than_s: float) -> dict[str, int]:
        """Return the keys, oldest first, that L2 may have missed for that long."""
        rows = await self._fetch(
            session, statements.PENDING, older_than_s=float(older_than_s), rows=_MOST_PENDING
        )
        return {original_key(row, long): version for row, long, version in rows}

    async def settle(self, session: SqlSession, versions: Mapping[str, int]) -> None:
        """Forget that L2 may have missed these versions, and what came before them."""
        cells = [(row_key(key), version, None) for key, version in versions.items()]
        parameters = {"batch": document(cells), "names": document([cell[0] for cell in cells])}
        settled = await self._fetch(session, statements.SETTLE, **parameters)
        if len(settled) < len(cells):
            await self._fetch(session, statements.SETTLE_PARTLY, **parameters)

    async def raise_floor(self, session: SqlSession, version: int) -> tuple[int, float]:
        """Make every row unreadable; return the floor and the database's time of it."""
        rows = await self._fetch(session, statements.RAISE_FLOOR, version=version)
        if not rows:
            raise self._lost()
        floor, now = rows[0]
        return floor, now

    async def empty_some(self, session: SqlSession, floor: int, after: str) -> str | None:
        """Delete some rows under ``floor``, in a transaction that is open.

        Args:
            session: In a transaction.
            floor: The namespace's.
            after: The row key after which to begin.

        Returns:
            The row key after which to go on; None when there is nothing left.
        """
        rows = await self._fetch(
            session, statements.EMPTY_SOME, floor=floor, after=after, rows=STEP
        )
        await self._untag(session, [row for _, row, has_tags in rows if has_tags])
        return max(row for _, row, _ in rows) if len(rows) == STEP else None

    async def empty_expected(self, session: SqlSession, until: float) -> int:
        """Delete some keys that were being loaded when the floor rose; return their number."""
        rows = await self._fetch(
            session, statements.EMPTY_EXPECTED, until=until + PURGE_KEEP_S, rows=STEP
        )
        return len(rows)

    async def _untag(self, session: SqlSession, rows: Sequence[str], keep: str = NOTHING) -> None:
        if rows:
            await self._fetch(session, statements.UNTAG, names=document(rows), batch=keep)

    async def _fetch(self, session: SqlSession, statement: str, **parameters: Any) -> Rows:
        return await session.fetch(statement, namespace=self._name, **parameters)

    def _lost(self) -> TierError:
        # Opening again, which the gate does after an error, makes it anew.
        return TierError(f"cache_namespaces has no row of {self._name!r}")
