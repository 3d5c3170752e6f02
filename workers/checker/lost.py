"""Which acknowledged writes and deletes were not there when all was read back at the end.

A key is audited by the first of the workers that have changed it. Its newest acknowledged change is
lost where nothing is there, or what that had superseded, or what nobody wrote. Nothing may be there
where a delete, a clear, the emptying of a tier or a write that raised may have come last.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.checker.judged import judge, widened
from workers.checker.log import EVER, EVERY, NEVER, READ, Kind, Log, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What reading one key back has found.

    Args:
        key: Its number.
        revision: None where nothing was there, or it did not say.
        missing: Whether nothing was there.
        unwritten: Whether something was there that no write of the key can have left.
        began_ns: When the read began.
        ended_ns: When it was answered.
    """

    key: int
    revision: int | None
    missing: bool
    unwritten: bool = False
    began_ns: int
    ended_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A key whose newest acknowledged write or delete is lost, or a clear of it.

    Args:
        found: What was there.
        change: What is lost, a row of type `CHANGE`.
        made: What wrote that which was there, such a row too; None where nobody did.
    """

    found: Found
    change: Log
    made: Log | None = None


class LastWrites:
    """The newest acknowledged writes and deletes of the keys that one worker audits.

    Args:
        changes: All changes of the attempt, of type `CHANGE`.
        shard: The worker.
        error_ns: By how much other workers' times may be wrong.
    """

    def __init__(self, changes: Log, shard: int, error_ns: int) -> None:
        self._changes, self._shard, self._error_ns = changes, shard, error_ns
        wide = widened(changes, shard, error_ns)
        acked = wide["acked"] != NEVER
        written = np.flatnonzero((wide["kind"] <= Kind.DELETE) & acked)
        ordered = written[np.lexsort((wide["began"][written], wide["key"][written]))]
        keys, last = _last_of_each(wide["key"][ordered])
        mine = _first_shards(keys, wide[written]) == shard
        self._newest: dict[int, int] = dict(
            zip(keys[mine].tolist(), ordered[last][mine].tolist(), strict=True)
        )
        self._began_ns = dict(
            zip(keys.tolist(), wide["began"][ordered[last]].tolist(), strict=True)
        )
        self._removed_ns = _removed_ns(wide)
        cleared = np.flatnonzero((wide["kind"] == Kind.CLEAR) & acked)
        self._cleared = cleared[np.argsort(wide["began"][cleared])][-1:].tolist()

    @property
    def keys(self) -> list[int]:
        """The keys to be read back."""
        return list(self._newest)

    def lost(self, found: Iterable[Found], *, may_expire: Mapping[int, bool]) -> list[Lost]:
        """Those of the keys whose newest write or delete is not there.

        Args:
            found: What reading them back has found.
            may_expire: By key, whether nothing may be there because its time is up.
        """
        known = list(found)
        gone = [
            Lost(found=each, change=self._changes[self._newest[each.key]])
            for each in known
            if each.unwritten or (each.missing and self._must_be_there(each.key, may_expire))
        ]
        return [*gone, *self._replaced([each for each in known if each.revision is not None])]

    def _replaced(self, seen: Sequence[Found]) -> Iterator[Lost]:
        """What was there although nobody made it, or what began last, or a clear, replaced it."""
        rows = [(each.key, each.revision, each.began_ns, each.ended_ns) for each in seen]
        judged = judge(self._changes, np.array(rows, dtype=READ), self._shard, self._error_ns)
        for place in np.flatnonzero(judged.stale | judged.impossible).tolist():
            key = seen[place].key
            unmade, made_by = judged.impossible[place], judged.made_by[place]
            newest = unmade or self._began_ns[key] > judged.since_ns[place]
            change = self._changes[self._newest[key] if newest else self._cleared[0]]
            made = None if unmade or made_by < 0 else self._changes[made_by]
            yield Lost(found=seen[place], change=change, made=made)

    def _must_be_there(self, key: int, may_expire: Mapping[int, bool]) -> bool:
        if may_expire.get(key, False):
            return False
        removed_ns = max(self._removed_ns.get(key, EVER), self._removed_ns.get(EVERY, EVER))
        began_ns: int = self._began_ns[key]
        return began_ns > removed_ns


def _last_of_each(keys: Times) -> tuple[Times, NDArray[np.intp]]:
    """Each key and where it stands last, in keys that are in order."""
    last = np.flatnonzero(np.append(keys[1:] != keys[:-1], True)) if len(keys) else np.zeros(0, int)
    return keys[last], last


def _first_shards(keys: Times, written: Log) -> Times:
    """The lowest number of the workers that have written each key."""
    first = np.full(len(keys), NEVER, dtype=np.int64)
    np.minimum.at(first, np.searchsorted(keys, written["key"]), written["shard"])
    return first


def _removed_ns(changes: Log) -> dict[int, int]:
    """Until when each key may have been removed, `EVERY` for all; what raised may do so yet."""
    removes = np.isin(changes["kind"], (Kind.DELETE, Kind.CLEAR, Kind.EMPTY))
    raised = (changes["kind"] == Kind.WRITE) & (changes["acked"] == NEVER)
    found = changes[removes | raised]
    until_ns: dict[int, int] = {}
    for key, acked_ns in zip(found["key"].tolist(), found["acked"].tolist(), strict=True):
        until_ns[key] = max(until_ns.get(key, EVER), acked_ns)
    return until_ns
