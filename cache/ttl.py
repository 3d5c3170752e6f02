"""Times to live by tier, the law that no tier outlives the one below it, and freshness.

A value is fresh for the TTL of the lowest tier that is on. Where stale values may be served, that
tier keeps it for longer. Jitter and XFetch (Vattani et al., VLDB 2015) spread what would
otherwise end, or be loaded anew, all at once.
"""

import math
import random
from dataclasses import dataclass
from typing import Final

from cache.config import CacheConfig
from cache.errors import InvalidTTLError

_LONGEST_S: Final = 10_000_000_000.0


@dataclass(frozen=True, slots=True)
class TTLs:
    """Seconds that a value stays in each tier; None is without end."""

    l1_s: float | None
    l2_s: float | None
    l3_s: float | None

    @classmethod
    def of(cls, config: CacheConfig) -> "TTLs":
        """Return the defaults; a tier that is off limits nothing."""
        return cls(
            config.l1_default_ttl,
            config.l2_default_ttl if config.enable_l2 else None,
            config.l3_default_ttl if config.enable_l3 else None,
        ).under_l3(None)

    def replaced(self, l1_ttl: float | None, l2_ttl: float | None, l3_ttl: float | None) -> "TTLs":
        """Return these with a caller's own (None: no wish), none outliving the tier below.

        Raises:
            InvalidTTLError: A TTL is not a positive number.
        """
        if l1_ttl is None and l2_ttl is None and l3_ttl is None:
            return self
        return TTLs(
            _chosen("l1_ttl", l1_ttl, self.l1_s),
            _chosen("l2_ttl", l2_ttl, self.l2_s),
            _chosen("l3_ttl", l3_ttl, self.l3_s),
        ).under_l3(None)

    def under_l3(self, left_s: float | None) -> "TTLs":
        """Return these limited to what is left of a value in L3."""
        l3_s = shorter(self.l3_s, left_s)
        l2_s = shorter(self.l2_s, l3_s)
        return TTLs(shorter(self.l1_s, l2_s), l2_s, l3_s)


@dataclass(frozen=True, slots=True)
class Life:
    """How long one stored value is fresh, and how long each tier keeps it, in seconds."""

    fresh_s: float | None
    l1_s: float | None
    l2_s: float | None
    l3_s: float | None


class Lives:
    """Draws the lives of values from the settings.

    Args:
        config: TTL of None values, jitter, early refresh and the grace for stale values.
        source: Random numbers; by default the system's.
    """

    def __init__(self, config: CacheConfig, source: random.Random | None = None) -> None:
        self._while_revalidate_s = config.stale_while_revalidate_s
        self.grace_s = max(config.stale_while_revalidate_s, config.stale_if_error_s)
        self._has_l2 = bool(config.enable_l2)
        self._has_l3 = bool(config.enable_l3)
        self._jitter = config.ttl_jitter
        self._beta = config.early_refresh_beta
        self._negative_s = config.negative_ttl_s
        self._random = (source or random.Random()).random

    def draw(self, ttls: TTLs, *, negative: bool = False) -> Life:
        """Return the life of a value that is written or loaded now.

        Args:
            ttls: The times asked for.
            negative: It is a loader's None, which is kept for ``negative_ttl_s`` at most.
        """
        share = 1.0 - self._jitter * self._random()
        l1_s, l2_s, l3_s = (
            _times(ttls.l1_s, share),
            _times(ttls.l2_s, share),
            _times(ttls.l3_s, share),
        )
        fresh_s = l3_s if self._has_l3 else l2_s if self._has_l2 else l1_s
        if negative and self._negative_s is not None:
            fresh_s = shorter(fresh_s, self._negative_s * share)
        kept_s = None if fresh_s is None else fresh_s + self.grace_s
        if self._has_l3:
            l2_s = _within(l2_s, fresh_s, kept_s)
            return Life(fresh_s, _within(l1_s, fresh_s, kept_s), l2_s, kept_s)
        if self._has_l2:
            return Life(fresh_s, _within(l1_s, fresh_s, kept_s), kept_s, None)
        return Life(fresh_s, kept_s, None, None)

    def service_ends(self, now: float, overdue_s: float) -> tuple[float, float]:
        """Return until when a value serves everybody, and until when it covers for a failure.

        Args:
            now: The time.
            overdue_s: How long it has been stale; below 0 it is fresh.
        """
        return now + self._while_revalidate_s - overdue_s, now + self.grace_s - overdue_s

    def in_upper(self, ttl_s: float | None, left_s: float | None) -> float | None:
        """Return how long a tier keeps what the tier below keeps for ``left_s`` more."""
        if ttl_s is None:
            return left_s
        if self._jitter:
            ttl_s *= 1.0 - self._jitter * self._random()
        return ttl_s if left_s is None or ttl_s < left_s else left_s

    def early_refresh_s(self, fresh_s: float | None, cost_s: float) -> float | None:
        """Return when a value is to be loaded anew before it ends, or None for never.

        XFetch draws at each read; drawn once for each copy, the time has the same distribution,
        and the reads stay free of it.
        """
        if fresh_s is None or not cost_s or not self._beta:
            return None
        return fresh_s + cost_s * self._beta * math.log(1.0 - self._random())


def shorter(one_s: float | None, other_s: float | None) -> float | None:
    """Return the shorter of two times to live."""
    if one_s is None:
        return other_s
    return one_s if other_s is None else min(one_s, other_s)


def _within(ttl_s: float | None, fresh_s: float | None, kept_s: float | None) -> float | None:
    """Return how long an upper tier keeps a value: as the lowest does, where it lives as long."""
    if fresh_s is None:
        return ttl_s
    return kept_s if ttl_s is None or ttl_s >= fresh_s else ttl_s


def _times(ttl_s: float | None, share: float) -> float | None:
    return None if ttl_s is None else ttl_s * share


def _chosen(name: str, ttl: object, default_s: float | None) -> float | None:
    if ttl is None:
        return default_s
    if isinstance(ttl, bool) or not isinstance(ttl, int | float) or not 0 < ttl <= _LONGEST_S:
        raise InvalidTTLError(
            f"{name} is {ttl!r}: give a positive number of seconds, or None for the default"
        )
    return float(ttl)
