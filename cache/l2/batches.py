"""Writes as the arguments of the script that stores them, in batches that no server chokes on."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

import msgspec

from cache.l2.envelope import seal, tombstone_rest
from cache.l2.head import MAX_VERSION, MIN_VERSION
from cache.l2.link import Argument
from cache.l2.names import Names
from cache.tier import Write

CHUNK_KEYS: Final = 500
"""A script keeps the server from everybody else for its time: some milliseconds at most."""

_CHUNK_BYTES: Final = 8 * 1024 * 1024
_SET: Final = b"s"

Item = TypeVar("Item")


@dataclass(slots=True)
class Batch:
    """Writes that are sent together.

    Attributes:
        keys: Their keys.
        arguments: What the script is told of them.
        size_bytes: The size of their envelopes.
    """

    keys: list[str] = field(default_factory=list)
    arguments: list[Argument] = field(default_factory=list)
    size_bytes: int = 0

    @property
    def is_full(self) -> bool:
        """Whether nothing more should join it."""
        return len(self.keys) >= CHUNK_KEYS or self.size_bytes >= _CHUNK_BYTES


def batches(
    writes: Mapping[str, Write],
    names: Names,
    now_ms: int,
    compress_over_bytes: int | None,
    tag_floor: int | None = None,
) -> Iterator[Batch]:
    """Return the writes that store something, as batches of at least one.

    Args:
        writes: Writes by key; deletes are left out.
        names: The namespace's names.
        now_ms: A time that the server has certainly reached.
        compress_over_bytes: A longer payload is compressed.
        tag_floor: The floor under which tags were noted elsewhere; a tagged set that finds another
            floor deletes.

    Raises:
        ValueError: A version has not 16 digits.
    """
    batch = Batch()
    for key, write in writes.items():
        if write.payload is None:
            continue
        if write.version and not MIN_VERSION <= write.version <= MAX_VERSION:
            raise ValueError(f"version {write.version} is not of 16 digits")
        sealed = seal(key, write.payload, write, now_ms, compress_over_bytes)
        kind = _kind(write)
        floor = tag_floor if write.floor is None and write.tags else write.floor
        batch.keys.append(key)
        batch.size_bytes += len(sealed.rest)
        batch.arguments += (
            kind + sealed.form,
            names.of(key),
            write.version,
            b"" if sealed.ttl_ms is None else sealed.ttl_ms,
            b"" if floor is None else floor,
            write.lease or b"",
            b"" if names.spans_slots else encoded_tags(write.tags),
            sealed.rest,
            # Only a set that comes too late becomes a delete.
            tombstone_rest(key) if kind == _SET else b"",
        )
        if batch.is_full:
            yield batch
            batch = Batch()
    if batch.keys:
        yield batch


def encoded_tags(tags: tuple[str, ...]) -> bytes:
    """Return tags as the scripts read them."""
    return msgspec.json.encode(tags) if tags else b""


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Return ``items``, some at a time."""
    rest = iter(items)
    while chunk := list(itertools.islice(rest, CHUNK_KEYS)):
        yield chunk


def _kind(write: Write) -> bytes:
    if write.lease is not None:
        return b"f"
    return _SET if write.floor is None else b"p"
