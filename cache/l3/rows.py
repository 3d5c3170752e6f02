"""How writes become rows and JSON documents of L3's, and rows become entries."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from cache.codec import decode
from cache.errors import DecodeError
from cache.l3.table import long_key, row_key
from cache.tier import MISS, Entry, Write

NOTHING: Final = "[]"
"""The document without rows."""

_MOST_ROWS: Final = 1000
_MOST_BYTES: Final = 16 * 1024 * 1024

# SQLite keeps any type in any column.
_FOREIGN: Final = (DecodeError, msgspec.DecodeError, TypeError, OverflowError)

_decode_tags = msgspec.json.Decoder(tuple[str, ...]).decode


class Line(NamedTuple):
    """A write of one row."""

    row: str
    key: str
    write: Write


def document(cells: Iterable[Any]) -> str:
    """Return the JSON in which rows or names reach a statement."""
    return msgspec.json.encode(cells).decode()


def parts(writes: Mapping[str, Write]) -> list[list[Line]]:
    """Return ``writes`` in the order of their rows, in parts that one statement can hold."""
    divided: list[list[Line]] = [[]]
    size_bytes = 0
    for line in sorted(Line(row_key(key), key, write) for key, write in writes.items()):
        length = len(line.write.payload or b"")
        if len(divided[-1]) == _MOST_ROWS or size_bytes + length > _MOST_BYTES:
            divided.append([])
            size_bytes = 0
        divided[-1].append(line)
        size_bytes += length
    return divided


def write_parameters(lines: Sequence[Line]) -> dict[str, Any]:
    """Return the parameters of ``STORE``."""
    payloads = [line.write.payload for line in lines if line.write.payload is not None]
    return {"batch": document(list(_write_cells(lines))), "payloads": b"".join(payloads)}


def _write_cells(lines: Iterable[Line]) -> Iterator[tuple[Any, ...]]:
    """Yield the cells that the dialect's batch of ``writes`` names."""
    start = 1
    for row, _, write in lines:
        if write.payload is None:
            # A deleted row has expired in the moment of its delete.
            yield (row, start, None, 0.0, None, 0.0, 0.0, None, write.seen, write.floor)
            continue
        size = len(write.payload)
        tags = document(write.tags) if write.tags else None
        lives = (write.ttl_s, write.fresh_s, write.age_s, write.cost_s)
        yield (row, start, size, *lives, tags, write.seen, write.floor)
        start += size


def tag_document(tags: Iterable[tuple[str, Collection[str]]]) -> str:
    """Return the rows of keys under tags, each once and in order."""
    cells: set[tuple[str, str, str | None]] = set()
    for key, names in tags:
        row = row_key(key)
        long = long_key(key, row)
        cells.update((row, row_key(tag), long) for tag in names)
    return document(sorted(cells))


def read_entries(
    rows: Iterable[tuple[Any, ...]], keys: Mapping[str, str]
) -> tuple[dict[str, Entry], int]:
    """Return the entries that ``READ`` found, and how many payloads could not be decoded.

    Args:
        rows: What the database answered: one row without a key where it found nothing.
        keys: The key of each row key.
    """
    found = {}
    undecodable = 0
    for row in rows:
        if row[2] is None:
            continue
        try:
            found[keys[row[2]]] = _entry(row)
        except _FOREIGN:
            # Its version remains, so that a load can replace it.
            undecodable += 1
            found[keys[row[2]]] = Entry(MISS, None, row[4] if type(row[4]) is int else 0)
    return found, undecodable


def _entry(row: tuple[Any, ...]) -> Entry:
    _, now, _, payload, version, expires_at, fresh_until, stored_at, cost_s, tags = row
    if type(version) is not int or type(cost_s) is not float:
        raise DecodeError("a column holds what this cache never writes")
    if payload is None or (expires_at is not None and expires_at <= now):
        return Entry(MISS, None, version)
    return Entry(
        decode(payload),
        None if expires_at is None else expires_at - now,
        version,
        None if fresh_until is None else fresh_until - now,
        max(0.0, now - stored_at),
        cost_s,
        () if tags is None else _decode_tags(tags),
        len(payload),
        payload,
    )
