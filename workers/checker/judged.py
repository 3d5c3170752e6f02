"""What each read may have seen: one worker's reads held against everybody's changes.

    worker 0   |--- write 7 ---|       |--- write 9 ---|
    worker 1                                             |- read -> 7 -|
                                                       <-> staleness

A change supersedes what was acknowledged before it began; of those that overlap either may win. A
read is stale where a superseding change was acknowledged before it began, by the time between these
two moments. What the origin answers is visible from when its load began, whoever wrote it and
whenever: each worker's origin knows that worker's writes alone.

Times of other workers may be wrong by the clocks' error, so all of theirs is taken to have lasted
longer by it, at both ends: nothing is called stale or impossible that may be an error of a clock.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.checker.log import EVER, NEVER, Kind, Log, Times
from workers.checker.timeline import Groups, Timeline

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One worker's reads, an element each unless said otherwise.

    Args:
        changes: All changes, of type `CHANGE`.
        reads: Of type `READ`.
        made_by: The write or delete whose revision it saw, as an index of `changes`; -1 for others.
        begun_ns: When that began; `EVER` for others.
        since_ns: When what it saw was acknowledged or answered last; `NEVER` where that is open.
        impossible: No write and no answer could have made visible what it saw.
        own_ns: When a change of its own worker superseded what it saw; `NEVER` where none did.
        others_ns: The same of other workers' changes, at the latest that the clocks allow for.
        comparable: Whether anything of its key had been changed before it began.
        crossing: Whether other workers have changed its key at all.
    """

    changes: Log
    reads: Log
    made_by: NDArray[np.intp]
    begun_ns: Times
    since_ns: Times
    impossible: Mask
    own_ns: Times
    others_ns: Times
    comparable: Mask
    crossing: Mask

    @property
    def staleness_ns(self) -> Times:
        """How old what it saw was, 0 where it was current."""
        superseded = np.minimum(self.own_ns, self.others_ns)
        began: Times = self.reads["began"]
        return np.where(superseded <= began, began - np.minimum(superseded, began), 0)

    @property
    def stale(self) -> Mask:
        """Whether what it saw had been superseded."""
        return self.stale_by_own | self.stale_by_others

    @property
    def stale_by_own(self) -> Mask:
        """Whether its own worker had superseded what it saw."""
        stale: Mask = self.own_ns <= self.reads["began"]
        return stale

    @property
    def stale_by_others(self) -> Mask:
        """Whether another worker had superseded what it saw."""
        stale: Mask = self.others_ns <= self.reads["began"]
        return stale

    def overdue(self, max_staleness_ns: int) -> Mask:
        """Whether it saw what had been superseded for longer than is promised.

        Args:
            max_staleness_ns: How long others' changes may stay unseen; a worker's own may not.
        """
        late_ns = self.reads["began"] - np.minimum(self.others_ns, self.reads["began"])
        overdue: Mask = self.stale_by_own | (self.stale_by_others & (late_ns > max_staleness_ns))
        return overdue


def judge(changes: Log, reads: Log, shard: int, error_ns: int) -> Judged:
    """Hold one worker's reads against all changes.

    Args:
        changes: Of type `CHANGE`, of all workers; times in ns on the reader's clock.
        reads: Of type `READ`, on the same clock.
        shard: The reader's.
        error_ns: By how much other workers' times may be wrong.
    """
    wide = widened(changes, shard, error_ns)
    keys = np.unique(np.concatenate((wide["key"], reads["key"])))
    seen = _Seen(wide, reads)
    own = _Superseding(wide[wide["shard"] == shard], keys)
    others = _Superseding(wide[wide["shard"] != shard], keys)
    key = np.searchsorted(keys, reads["key"])
    ever = np.full(len(reads), EVER)
    earliest = np.minimum(own.superseded(key, ever), others.superseded(key, ever))
    return Judged(
        changes=changes,
        reads=reads,
        made_by=seen.made_by,
        begun_ns=seen.begun_ns,
        since_ns=seen.since_ns,
        impossible=seen.impossible,
        own_ns=own.superseded(key, seen.since_ns),
        others_ns=others.superseded(key, seen.since_ns),
        comparable=earliest <= reads["began"],
        crossing=others.changes_of(key),
    )


def widened(changes: Log, shard: int, error_ns: int) -> Log:
    """Changes with those of other workers made longer by the clocks' error, at both ends."""
    if not error_ns:
        return changes
    wide = changes.copy()
    foreign = wide["shard"] != shard
    wide["began"][foreign] -= error_ns
    wide["acked"][foreign & (wide["acked"] != NEVER)] += error_ns
    return wide


class _Seen:
    """What made the value that each read saw, and until when that may have been at work."""

    def __init__(self, changes: Log, reads: Log) -> None:
        self._rank = _Rank(changes, reads)
        written = np.flatnonzero(changes["kind"] <= Kind.DELETE)
        answered = changes[changes["kind"] == Kind.ANSWER]
        wanted = self._rank.of(reads)
        place = self._rank.places(changes[written], wanted)
        made_by = np.where(place >= 0, _at(written, place), -1)
        begun = (made_by >= 0) & (_at(changes["began"], made_by) <= reads["ended"])
        self.made_by = np.where(begun, made_by, -1)
        self.begun_ns = np.where(begun, _at(changes["began"], made_by), EVER)
        answers = Timeline(self._rank.of(answered), answered["began"], answered["acked"])
        answered_ns = answers.last_acked_of(wanted, reads["ended"])
        told = begun & (_at(changes["kind"], made_by) == Kind.WRITE)
        # What a delete leaves is shown by an answer alone, however long the delete takes.
        acked_ns = np.where(told, _at(changes["acked"], made_by), EVER)
        self.impossible = ~told & (answered_ns == EVER)
        # A value that nobody can have made is not judged by its age as well.
        self.since_ns = np.where(self.impossible, NEVER, np.maximum(acked_ns, answered_ns))


class _Rank:
    """A number for each revision of each key; those that nobody has made share one."""

    def __init__(self, changes: Log, reads: Log) -> None:
        self._keys = np.unique(np.concatenate((changes["key"], reads["key"])))
        self._unmade = int(np.max(changes["revision"], initial=0)) + 1

    def of(self, rows: Log) -> Groups:
        revision = np.minimum(rows["revision"], self._unmade)
        # From `NOTHING`, which is -1, on.
        rank: Groups = np.searchsorted(self._keys, rows["key"]) * (self._unmade + 2) + revision + 1
        return rank

    def places(self, rows: Log, wanted: Groups) -> NDArray[np.intp]:
        """Where among rows of different rank each wanted one stands; -1 where it does not."""
        ranks = self.of(rows)
        order = np.argsort(ranks)
        at = np.searchsorted(ranks, wanted, sorter=order)
        inside = at < len(ranks)
        place = _at(order, np.where(inside, at, 0))
        found = inside & (_at(ranks, place) == wanted)
        return np.where(found, place, -1)


class _Superseding:
    """The changes of some workers: writes and deletes of each key, and clears of all."""

    def __init__(self, changes: Log, keys: Times) -> None:
        of_keys = changes[changes["kind"] <= Kind.DELETE]
        clears = changes[changes["kind"] == Kind.CLEAR]
        key = np.searchsorted(keys, of_keys["key"])
        self._changed = np.bincount(key, minlength=len(keys)) > 0
        self._of_keys = Timeline(key, of_keys["began"], of_keys["acked"])
        everyone = np.zeros(len(clears), dtype=np.int64)
        self._clears = Timeline(everyone, clears["began"], clears["acked"])

    def superseded(self, key: Groups, since_ns: Times) -> Times:
        """When what had been acknowledged at `since_ns` was superseded; `NEVER` if it was not."""
        cleared = self._clears.first_acked_after(np.zeros_like(key), since_ns)
        return np.minimum(self._of_keys.first_acked_after(key, since_ns), cleared)

    def changes_of(self, key: Groups) -> Mask:
        changed: Mask = self._changed[key]
        return changed


def _at(values: NDArray[np.int64], place: NDArray[np.int64]) -> NDArray[np.int64]:
    """The values at some places; anything where there are none."""
    if not len(values):
        return np.zeros(len(place), dtype=values.dtype)
    return values[np.where(place >= 0, place, 0)]
