"""How often each key is read and what its misses cost, in bounded memory."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from heapq import nlargest
from operator import attrgetter, itemgetter
from typing import Final

import msgspec

TRACKED_KEYS: Final = 10_000

_TICKS: Final = 32
_MOST_HALF_LIVES: Final = 20
_FAINT: Final = 0.5
_SHARE_OF_NEWEST: Final = 0.25
_GUESS_S: Final = 0.001


@dataclass(frozen=True, slots=True)
class HotKey:
    """What is known of a key that is read often.

    Attributes:
        key: The key.
        count: Its reads; those of one half-life ago count half.
        rate_per_s: Its reads in a second.
        miss_s: How long a read of it takes that misses L1.
        load_s: How long a load of it from the origin takes.
    """

    key: str
    count: int
    rate_per_s: float
    miss_s: float
    load_s: float

    @property
    def saving(self) -> float:
        """Seconds that readers wait less in a second, if none of them misses L1."""
        return self.rate_per_s * self.miss_s

    @property
    def load_saving(self) -> float:
        """The same, if each miss of L1 were a load from the origin."""
        return self.rate_per_s * self.load_s


class _Track(msgspec.Struct, gc=False, eq=False):
    weight: float
    origin_share: float = 0.0
    load_s: float = 0.0


class AccessPatterns:
    """Read counts that halve with each half-life, of a bounded number of keys.

    Forward decay (Cormode et al., ICDE 2009): instead of every count shrinking, newer reads weigh
    more, so that a read costs one addition. When there are too many keys, the colder half is
    forgotten; a scan of keys read once pushes out no key that is read again.

    What a miss costs is learnt for each level: the tiers below take the same time for every key,
    and the origin a time of each key's own.

    Args:
        half_life_s: Seconds in which an unread key loses half its count.
        limit: Keys tracked, 2 or more.
        clock: Seconds, never going back.
    """

    def __init__(
        self,
        half_life_s: float,
        *,
        limit: int = TRACKED_KEYS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._half_life_s = half_life_s
        self._limit = limit
        self._clock = clock
        self._tracks: dict[str, _Track] = {}
        self._below_s: float | None = None
        self._load_s: float | None = None
        self._landmark_s = self._next_tick_s = clock()
        self._weight = 1.0

    def __contains__(self, key: object) -> bool:
        return key in self._tracks

    def __len__(self) -> int:
        return len(self._tracks)

    def touch(self, key: str) -> None:
        """Count a read that missed L1."""
        self.add(key, 1)

    def missed(self, key: str, seconds: float, level: str) -> None:
        """Count a read that missed L1, and learn what it cost; see ``note_cost``."""
        if self._clock() >= self._next_tick_s:
            self._tick()
        track = self._tracks.get(key)
        if track is None:
            self.add(key, 1)
        else:
            track.weight += self._weight
        if level == "origin" or (track is not None and track.origin_share):
            self.note_cost(key, seconds, level)
        else:
            below_s = self._below_s
            share = _SHARE_OF_NEWEST
            self._below_s = seconds if below_s is None else below_s + (seconds - below_s) * share

    def missed_many(self, keys: list[str], seconds: float) -> None:
        """Count reads that a tier below L1 answered together; see ``missed``."""
        if self._clock() >= self._next_tick_s:
            self._tick()
        find, weight = self._tracks.get, self._weight
        for key in keys:
            track = find(key)
            if track is None:
                self.add(key, 1)
                find = self._tracks.get
            else:
                track.weight += weight
                if track.origin_share:
                    track.origin_share *= 1 - _SHARE_OF_NEWEST
        self._below_s = _blended(self._below_s, seconds)

    def add(self, key: str, hits: int) -> None:
        """Count reads that L1 answered."""
        if self._clock() >= self._next_tick_s:
            self._tick()
        track = self._tracks.get(key)
        if track is not None:
            track.weight += hits * self._weight
            return
        self._tracks[key] = _Track(hits * self._weight)
        if len(self._tracks) > self._limit:
            self._make_room()

    def add_many(self, hits: list[tuple[str, int]]) -> None:
        """Count reads of many keys that L1 answered; the hottest of too many are taken."""
        for key, count in nlargest(self._limit // 2, hits, key=itemgetter(1)):
            self.add(key, count)

    def note_cost(self, key: str, seconds: float, level: str) -> None:
        """Learn how long a read took that missed L1.

        Args:
            key: The key; nothing is kept of it if its reads are not counted.
            seconds: From the call to the answer.
            level: What answered: ``origin``, or any tier below L1.
        """
        track = self._tracks.get(key)
        if level != "origin":
            self._below_s = _blended(self._below_s, seconds)
            if track is not None:
                track.origin_share *= 1 - _SHARE_OF_NEWEST
            return
        self._load_s = _blended(self._load_s, seconds)
        if track is not None:
            share = track.origin_share
            track.origin_share = _blended(share, 1.0) if track.load_s else 1.0
            track.load_s = _blended(track.load_s or None, seconds)

    def hottest(self, at_least: int) -> list[HotKey]:
        """Return the keys with that count or more, the greatest saving first."""
        self._rebase()
        hot = [
            self._hot_key(key, track)
            for key, track in self._tracks.items()
            if round(track.weight) >= at_least
        ]
        return sorted(hot, key=attrgetter("saving"), reverse=True)

    def _hot_key(self, key: str, track: _Track) -> HotKey:
        load_s = track.load_s or self._load_s or self._below_s or _GUESS_S
        below_s = load_s if self._below_s is None else self._below_s
        return HotKey(
            key,
            round(track.weight),
            track.weight * math.log(2) / self._half_life_s,
            below_s + track.origin_share * (load_s - below_s),
            load_s,
        )

    def _tick(self) -> None:
        """Let reads from now on weigh as much more as their time tells."""
        now = self._clock()
        half_lives = (now - self._landmark_s) / self._half_life_s
        if half_lives > _MOST_HALF_LIVES:
            self._rebase()
        else:
            self._weight = 2.0**half_lives
            self._next_tick_s = now + self._half_life_s / _TICKS

    def _rebase(self) -> None:
        """Let a read weigh 1 again, and forget keys that are hardly read any more."""
        now = self._clock()
        faded = 0.5 ** ((now - self._landmark_s) / self._half_life_s)
        self._landmark_s = now
        self._next_tick_s = now + self._half_life_s / _TICKS
        self._weight = 1.0
        tracks = {}
        for key, track in self._tracks.items():
            track.weight *= faded
            if track.weight > _FAINT:
                tracks[key] = track
        self._tracks = tracks

    def _make_room(self) -> None:
        """Forget the colder half; of equals, the older."""
        by_weight = sorted(self._tracks.items(), key=lambda item: item[1].weight)
        self._tracks = dict(by_weight[-(self._limit // 2) :])


class NoPatterns(AccessPatterns):
    """Tracks nothing: warming is off."""

    def __init__(self) -> None:
        super().__init__(1.0)

    def add(self, key: str, hits: int) -> None:
        """Ignore reads."""

    def missed(self, key: str, seconds: float, level: str) -> None:
        """Ignore a read."""

    def missed_many(self, keys: list[str], seconds: float) -> None:
        """Ignore reads."""

    def add_many(self, hits: list[tuple[str, int]]) -> None:
        """Ignore reads."""

    def note_cost(self, key: str, seconds: float, level: str) -> None:
        """Ignore what a miss costs."""


def _blended(mean: float | None, newest: float) -> float:
    return newest if mean is None else mean + (newest - mean) * _SHARE_OF_NEWEST
