"""The space that an SQLite file takes: given back where much of it is free."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

# Less than that is soon used again.
_LEAST_FREE_BYTES = 1 << 20
_LEAST_FREE_SHARE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """What a file took before and takes now; `failure` says why it was left as it is."""

    before_bytes: int
    after_bytes: int
    failure: str | None = None


def give_back(engine: Engine) -> Space | None:
    """Rewrite an SQLite file without what is free in it; None where there is little, or no file.

    PostgreSQL reuses such space by itself. Others wait meanwhile, and as much as the file will
    take is needed on its disk.
    """
    if engine.dialect.name != "sqlite":
        return None
    connection = engine.raw_connection()
    try:
        return _rewrite(connection.cursor())
    finally:
        connection.close()


def _rewrite(cursor: Any) -> Space | None:
    before_bytes, free_bytes = _size(cursor), _bytes(cursor, "freelist_count")
    if free_bytes < max(_LEAST_FREE_BYTES, before_bytes * _LEAST_FREE_SHARE):
        return None
    try:
        _vacuum(cursor)
    except sqlite3.OperationalError as error:
        return Space(before_bytes=before_bytes, after_bytes=before_bytes, failure=str(error))
    return Space(before_bytes=before_bytes, after_bytes=_size(cursor))


def _vacuum(cursor: Any) -> None:
    # While something reads, the file would be written anew into its log, and keep its size.
    _checkpoint(cursor)
    cursor.execute("VACUUM")
    _checkpoint(cursor)


def _checkpoint(cursor: Any) -> None:
    (is_held, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_held:
        raise sqlite3.OperationalError("something else reads it")


def _size(cursor: Any) -> int:
    return _bytes(cursor, "page_count")


def _bytes(cursor: Any, pages: str) -> int:
    (count,) = cursor.execute(f"PRAGMA {pages}").fetchone()
    (size,) = cursor.execute("PRAGMA page_size").fetchone()
    return int(count) * int(size)
