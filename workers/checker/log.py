"""The records of a history, and how they travel from one worker to the others.

What made a value visible or took it away is a row of type `CHANGE`:

    kind     revision                    began, acked
    WRITE    what was written            of the call
    DELETE   what the origin has then    of the call
    CLEAR    0, under the key EVERY      of the call
    ANSWER   what the origin answered    both when its load began: it answers what it had then
    EMPTY    0, under the key EVERY      of the emptying of one tier, between phases

A call that raised has `NEVER` been acknowledged. `shard` and `sequence` say whose row it is: the
rows of a shard are numbered from 0 without a gap, so that none counts twice and none is missed.
"""

import struct
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from workers.errors import HistoryError

Log = NDArray[Any]
Times = NDArray[np.int64]

CHANGE = np.dtype(
    [(name, "<i8") for name in ("key", "revision", "began", "acked", "kind", "shard", "sequence")]
)
READ = np.dtype([(name, "<i8") for name in ("key", "revision", "began", "ended")])

NEVER = int(np.iinfo(np.int64).max)
"""When a call that raised was acknowledged."""
EVER = int(np.iinfo(np.int64).min)
"""Before anything was."""
EVERY = -1
"""The key of a clear, and of the emptying of a tier."""
NOTHING = -1
"""The revision of None, which an origin may answer."""

_HEADER = struct.Struct("<qqqq")
_COLUMNS = (
    ("place", "<u4"),
    ("revision", "<i8"),
    ("began", "<i8"),
    ("took", "<i8"),
    ("kind", "u1"),
)


class Kind(IntEnum):
    """What a row of type `CHANGE` tells of."""

    WRITE = 0
    DELETE = 1
    CLEAR = 2
    ANSWER = 3
    EMPTY = 4


def encode(changes: Log, offset_ns: int) -> bytes:
    """One shard's next rows as bytes; what repeats itself is compressed.

    Args:
        changes: Of type `CHANGE`, all of one shard, in the order of their sequence.
        offset_ns: What is added to each time, so that all shards can read it.
    """
    if not len(changes):
        return b""
    keys, place = np.unique(changes["key"], return_inverse=True)
    answered = changes["acked"] != NEVER
    took = np.where(answered, changes["acked"] - changes["began"], -1)
    first = changes[0]
    columns = {**{name: changes[name] for name in ("revision", "kind")}, "place": place}
    columns |= {"began": np.diff(changes["began"] + offset_ns, prepend=0), "took": took}
    parts = [columns[name].astype(kind).tobytes() for name, kind in _COLUMNS]
    header = _HEADER.pack(first["shard"], first["sequence"], len(changes), len(keys))
    return zstandard.compress(b"".join([header, keys.astype("<i8").tobytes(), *parts]))


def decode(encoded: bytes, offset_ns: int) -> Log:
    """The rows of one shard.

    Args:
        encoded: By `encode`.
        offset_ns: What is subtracted from each time.
    """
    if not encoded:
        return np.zeros(0, dtype=CHANGE)
    content = zstandard.decompress(encoded)
    shard, sequence, rows, keys = _HEADER.unpack_from(content)
    columns = dict(_columns(content[_HEADER.size :], rows, keys))
    changes = np.zeros(rows, dtype=CHANGE)
    changes["key"] = columns["key"][columns["place"]]
    changes["revision"], changes["kind"] = columns["revision"], columns["kind"]
    changes["began"] = np.cumsum(columns["began"]) - offset_ns
    took = columns["took"]
    changes["acked"] = np.where(took >= 0, changes["began"] + took, NEVER)
    changes["shard"], changes["sequence"] = shard, sequence + np.arange(rows)
    return changes


def joined(before: Log, more: Sequence[Log]) -> Log:
    """All rows of a history, once it was seen that each came once.

    Args:
        before: What was known already.
        more: Each shard's next rows.

    Raises:
        HistoryError: Rows came twice, or some are missing.
    """
    whole = np.concatenate([before, *more])
    for shard in np.unique(whole["shard"]):
        sequence = whole["sequence"][whole["shard"] == shard]
        _check_sequence(int(shard), sequence)
    if _has_twins(whole[whole["kind"] <= Kind.DELETE]):
        raise HistoryError("a write was noted twice under different numbers")
    return whole


def _has_twins(made: Log) -> bool:
    ordered = made[np.lexsort((made["revision"], made["key"]))]
    same = [ordered[name][1:] == ordered[name][:-1] for name in ("key", "revision")]
    return bool(np.any(same[0] & same[1]))


def _check_sequence(shard: int, sequence: Times) -> None:
    wrong = np.flatnonzero(sequence != np.arange(len(sequence)))
    if len(wrong):
        what = "was handed over twice" if sequence[wrong[0]] < wrong[0] else "is missing"
        number = min(int(sequence[wrong[0]]), int(wrong[0]))
        raise HistoryError(f"change {number} of worker {shard} {what}")


def _columns(content: bytes, rows: int, keys: int) -> Iterator[tuple[str, NDArray[Any]]]:
    yield "key", np.frombuffer(content, dtype="<i8", count=keys)
    at = 8 * keys
    for name, kind in _COLUMNS:
        yield name, np.frombuffer(content, dtype=kind, count=rows, offset=at)
        at += rows * np.dtype(kind).itemsize
