"""Files that jobs need: each stored once, by the SHA-256 of its bytes, and verified when read."""

import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from results.errors import FileTooLargeError, UnknownFileError
from results.records import StoredFile
from results.tables import files

LARGEST_FILE_BYTES = 64 * 1024 * 1024


def check(given: Iterable[StoredFile]) -> None:
    """Refuse files that can't be stored.

    Raises:
        FileTooLargeError: One is larger than 64 MiB.
        UnknownFileError: One's bytes are not those of its SHA-256.
    """
    for file in given:
        if len(file.content) > LARGEST_FILE_BYTES:
            raise FileTooLargeError(
                f"{file.name} has {len(file.content) / 1024 / 1024:.0f} MiB; the results database "
                f"takes {LARGEST_FILE_BYTES // 1024 // 1024} MiB: give a smaller part of it"
            )
        _verify(file)


def store(connection: Connection, given: Iterable[StoredFile]) -> None:
    """Store each file that is not there yet."""
    for file in given:
        row = {"sha256": file.sha256, "name": file.name, "content": file.content}
        known = select(files.c.sha256).where(files.c.sha256 == file.sha256)
        if connection.execute(known).first() is None:
            insert_new(connection, files, row)


def load(connection: Connection, sha256: str) -> StoredFile:
    """A stored file, its bytes verified.

    Raises:
        UnknownFileError: It is not stored, or its bytes have changed.
    """
    row = connection.execute(select(files).where(files.c.sha256 == sha256)).one_or_none()
    if row is None:
        raise UnknownFileError(f"no file {sha256} is stored; enqueue its run again")
    file = StoredFile(sha256=row.sha256, name=row.name, content=bytes(row.content))
    _verify(file)
    return file


def insert_new(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row unless its primary key is there already, whoever else does so now."""
    is_new(connection, table, row)


def is_new(connection: Connection, table: Table, row: dict[str, Any], *unique: Column[Any]) -> bool:
    """Insert a row unless there is one like it already; whether it was inserted.

    Args:
        connection: A writing transaction.
        table: Where to.
        row: Its values by column.
        unique: Columns with a unique index; rows that are equal there are alike. The primary key,
            or any other such index, where none is given.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    inserted = (
        dialect.insert(table).values(row).on_conflict_do_nothing(index_elements=unique or None)
    )
    return connection.execute(inserted).rowcount == 1


def _verify(file: StoredFile) -> None:
    found = hashlib.sha256(file.content).hexdigest()
    if found != file.sha256:
        raise UnknownFileError(f"the bytes of {file.name} have SHA-256 {found}, not {file.sha256}")
