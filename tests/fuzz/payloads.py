"""What tiers may answer: damaged envelopes of L2 and rows of L3, opened as the cache does."""

import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cache.codec import encode
from cache.l2.envelope import open_envelopes, seal, tombstone
from cache.l2.head import HEAD_BYTES
from cache.l3.rows import read_entries
from cache.tier import Entry, Write
from tests.fuzz.mutation import ODD_VALUES, damaged

KEY = "users:1"
NOW_S = 1_700_000_000.0
VERSION = 1_700_000_000_000_000
_SUM_BASE = 5_000_000_000
_VALUES = (1, "text", None, [1, {"a": 2.5}], {"id": 7, "tags": ["x", "y"] * 60}, "long" * 400)


@dataclass(frozen=True, slots=True)
class Case:
    """An envelope, or a row where there is none."""

    envelope: bytes | None
    row: tuple[Any, ...] = ()


def cases(chance: random.Random) -> Iterator[Case]:
    """Damaged envelopes and rows by turns, without end."""
    envelopes = [*map(_sealed, _VALUES), tombstone(KEY, VERSION)]
    while True:
        envelope = damaged(chance.choice(envelopes), envelopes, chance)
        yield Case(_with_its_sum(envelope) if chance.random() < 0.5 else envelope)
        yield Case(None, _damaged_row(chance))


def try_out(case: Case, _folder: Path) -> bool:
    """Open it; whether it was taken for an entry. What is not is counted, never raised."""
    if case.envelope is None:
        entries, undecodable = read_entries([case.row], {KEY: KEY})
        assert undecodable in (0, 1)
        _look_at(entries[KEY])
        return not undecodable
    found, foreign = open_envelopes([KEY], [case.envelope], NOW_S * 1000, 1 << 20)
    assert len(found) + len(foreign) == 1
    for entry in found.values():
        _look_at(entry)
    return not foreign


def _look_at(entry: Entry) -> None:
    assert isinstance(entry.version, int)
    assert entry.ttl_s is None or isinstance(entry.ttl_s, int | float)
    assert all(isinstance(tag, str) for tag in entry.tags)


def _sealed(value: Any) -> bytes:
    write = Write(payload=encode(value), ttl_s=60.0, tags=("a", "b"), cost_s=0.01)
    return seal(KEY, encode(value), write, int(NOW_S * 1000), 400).with_version(VERSION)


def _with_its_sum(envelope: bytes) -> bytes:
    """The envelope as an enemy would write it, who knows how the sum is made."""
    end = HEAD_BYTES + 10
    total = _SUM_BASE + zlib.crc32(envelope[end:], zlib.crc32(KEY.encode()))
    return envelope[:HEAD_BYTES] + b"%d" % total + envelope[end:]


def _damaged_row(chance: random.Random) -> tuple[Any, ...]:
    payloads = [encode(value) for value in _VALUES]
    row: list[Any] = [
        *(0, NOW_S, KEY, chance.choice(payloads), VERSION),
        *(NOW_S + 60, NOW_S + 30, NOW_S - 5, 0.01, '["a","b"]'),
    ]
    where = chance.choice((3, 3, 3, 9, 9, 5, 6, 7, 8, 4))
    if where == 3:
        row[3] = damaged(row[3], payloads, chance)
    elif where == 9:
        row[9] = damaged(row[9].encode(), payloads, chance).decode(errors="replace")
    else:
        # SQLite keeps any type in any column.
        row[where] = chance.choice(ODD_VALUES)
    return tuple(row)
