"""The fewest operations that prove a finding: what was written, what replaced it, the read."""

from collections.abc import Iterator

import numpy as np

from workers.checker.account import Account, Told
from workers.checker.judged import Judged
from workers.checker.log import CHANGE, EVER, NEVER, Kind, Log
from workers.written import Evidence


def example_of_read(judged: Judged, place: int, account: Account) -> tuple[Told, ...]:
    """What proves that a read saw what it should not: maker, replacement, read.

    Args:
        judged: One worker's reads.
        place: Which of them.
        account: Tells the operations.
    """
    rows = (*_maker(judged, place), *_replacement(judged, place))
    return (*map(account.change, rows), account.read(judged.reads[place]))


def example_of_repeat(judged: Judged, place: int, account: Account) -> tuple[Told, ...]:
    """What proves that a write was seen again: both writes, the read of the later, the read."""
    earlier = _newest_seen_before(judged, place)
    replacement = judged.changes[judged.made_by[earlier]]
    rows = (*_maker(judged, place), replacement)
    reads = (judged.reads[earlier], judged.reads[place])
    return (*map(account.change, rows), *map(account.read, reads))


def example_of_evidence(evidence: Evidence, value: object, account: Account) -> tuple[Told, ...]:
    """What the ledger has kept as proof.

    Args:
        evidence: Kept at the first of a kind.
        value: What was read, as it is shown.
        account: Tells the operations.
    """
    changes = [each for each in (evidence.made, evidence.replaced) if each is not None]
    read = account.told("read", evidence.key, value, (evidence.began_ns, evidence.seen_ns))
    return (*(account.written(evidence.key, each) for each in changes), read)


def _maker(judged: Judged, place: int) -> Iterator[Log]:
    """What made visible what a read saw: its write, or where nobody wrote it, its load."""
    read, made_by = judged.reads[place], judged.made_by[place]
    if made_by >= 0 and judged.changes["kind"][made_by] == Kind.WRITE:
        yield judged.changes[made_by]
        return
    found = _of_key(judged, place)
    found = found[found["revision"] == read["revision"]]
    # A read from the future is proven by the write that came after it.
    loaded = found[(found["kind"] == Kind.ANSWER) & (found["began"] <= read["ended"])]
    yield from loaded[-1:] if len(loaded) else found[:1]


def _replacement(judged: Judged, place: int) -> Iterator[Log]:
    """The change that was acknowledged first of those that replaced what a read saw."""
    since_ns = judged.since_ns[place]
    if since_ns == NEVER:
        return
    found = np.concatenate((_of_key(judged, place), _clears(judged.changes)))
    found = found[(found["kind"] != Kind.ANSWER) & (found["began"] > since_ns)]
    if len(found):
        yield found[np.argmin(found["acked"])]


def _of_key(judged: Judged, place: int) -> Log:
    found: Log = judged.changes[judged.changes["key"] == judged.reads["key"][place]]
    return found


def _clears(changes: Log) -> Log:
    return changes[changes["kind"] == Kind.CLEAR] if len(changes) else np.zeros(0, dtype=CHANGE)


def _newest_seen_before(judged: Judged, place: int) -> int:
    reads = judged.reads
    earlier = (reads["key"] == reads["key"][place]) & (reads["ended"] < reads["began"][place])
    return int(np.argmax(np.where(earlier, judged.begun_ns, EVER)))
