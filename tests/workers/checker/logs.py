"""Histories written by hand or drawn at random, and the definitions to hold the checker against."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workers.checker.log import CHANGE, EVER, EVERY, NEVER, READ, Kind, Log

A, B = 5, 900
BASE = 0


def changes(*rows: tuple[int, int, int, int, Kind, int]) -> Log:
    """Key, revision, begun, acknowledged, kind and shard of each."""
    counted = [0, 0, 0, 0]
    numbered = []
    for *row, kind, shard in rows:
        numbered.append((*row, int(kind), shard, counted[shard]))
        counted[shard] += 1
    return np.array(numbered, dtype=CHANGE)


def write(key: int, revision: int, began: int, acked: int, shard: int = 0) -> tuple[int, ...]:
    """A row of a write."""
    return (key, revision, began, acked, Kind.WRITE, shard)


def delete(key: int, left: int, began: int, acked: int, shard: int = 0) -> tuple[int, ...]:
    """A row of a delete, and of the revision that its origin has then."""
    return (key, left, began, acked, Kind.DELETE, shard)


def clear(began: int, acked: int, shard: int = 0) -> tuple[int, ...]:
    """A row of a clear."""
    return (EVERY, 0, began, acked, Kind.CLEAR, shard)


def answer(key: int, revision: int, began: int, shard: int = 0) -> tuple[int, ...]:
    """A row of what an origin has answered."""
    return (key, revision, began, began, Kind.ANSWER, shard)


def reads(*rows: tuple[int, int, int, int]) -> Log:
    """Key, revision, begin and end of each."""
    return np.array(list(rows), dtype=READ)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the definitions say of one read."""

    impossible: bool
    own_ns: int
    others_ns: int
    again: bool


def by_definition(log: Log, seen: Log, shard: int, error_ns: int) -> list[Verdict]:
    """Every read on its own, against every change."""
    widened = [_widened(row, shard, error_ns) for row in log.tolist()]
    rows = seen.tolist()
    facts = [_facts(widened, row) for row in rows]
    verdicts = []
    for (key, _revision, began, _ended), (impossible, since, _begun) in zip(
        rows, facts, strict=True
    ):
        own, others = _superseded(widened, key, since, shard)
        newest = [
            facts[place][2]
            for place, other in enumerate(rows)
            if other[0] == key and other[3] < began
        ]
        again = not impossible and any(begun > since for begun in newest)
        verdicts.append(Verdict(impossible, own, others, again))
    return verdicts


def _widened(row: tuple[int, ...], shard: int, error_ns: int) -> tuple[int, ...]:
    key, revision, began, acked, kind, of_shard, _sequence = row
    if of_shard == shard:
        return (key, revision, began, acked, kind, of_shard)
    return (
        key,
        revision,
        began - error_ns,
        acked if acked == NEVER else acked + error_ns,
        kind,
        of_shard,
    )


def _facts(log: Sequence[tuple[int, ...]], read: tuple[int, ...]) -> tuple[bool, int, int]:
    """Whether nothing made it visible, until when its makers were at work, when its write began."""
    key, revision, _began, ended = read
    made = [row for row in log if row[:2] == (key, revision) and row[2] <= ended]
    possible = any(row[4] in {Kind.WRITE, Kind.ANSWER} for row in made)
    shown = (row[3] for row in made if row[4] != Kind.DELETE)
    since = max(shown, default=EVER) if possible else NEVER
    begun = max((row[2] for row in made if row[4] != Kind.ANSWER), default=EVER)
    return not possible, since, begun


def _superseded(
    log: Sequence[tuple[int, ...]], key: int, since: int, shard: int
) -> tuple[int, int]:
    after = [
        row
        for row in log
        if row[2] > since
        and (row[4] == Kind.CLEAR or (row[0] == key and row[4] in {Kind.WRITE, Kind.DELETE}))
    ]
    own = min((row[3] for row in after if row[5] == shard), default=NEVER)
    others = min((row[3] for row in after if row[5] != shard), default=NEVER)
    return own, others


def at_random(random: np.random.Generator, *, shards: int = 3) -> tuple[Log, Log]:
    """A history of some keys with every kind of change, and reads of all that there may be."""
    rows = []
    begun = np.sort(random.choice(5_000, 60, replace=False)).tolist()
    for number, began in enumerate(begun):
        key, shard = int(random.integers(4)), int(random.integers(shards))
        acked = NEVER if random.random() < 0.1 else began + int(random.integers(1, 200))
        kind = random.choice(
            ["write"] * 6 + ["delete", "answer", "answer"] + ["clear"] * (number % 9 == 0)
        )
        if kind == "write":
            rows.append(write(key, number + 1, began, acked, shard))
        elif kind == "delete":
            rows.append(delete(key, number + 1, began, acked, shard))
        elif kind == "clear":
            rows.append(clear(began, acked, shard))
        else:
            known = [row[1] for row in rows if row[0] == key] or [BASE]
            rows.append(answer(key, int(random.choice(known)), began, shard))
    seen = []
    for _ in range(200):
        key = int(random.integers(4))
        revision = int(random.choice([BASE, -1, 99, *(row[1] for row in rows if row[0] == key)]))
        began = int(random.integers(6_000))
        seen.append((key, revision, began, began + int(random.integers(1, 100))))
    return changes(*rows), reads(*seen)
