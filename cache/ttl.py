"""Times to live by tier, and the law that no tier outlives the one below it."""

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

    def l1_under_l2(self, left_s: float | None) -> float | None:
        """Return L1's share of a value that has ``left_s`` left in L2."""
        return shorter(self.l1_s, left_s)


def shorter(one_s: float | None, other_s: float | None) -> float | None:
    """Return the shorter of two times to live."""
    if one_s is None:
        return other_s
    return one_s if other_s is None else min(one_s, other_s)


def _chosen(name: str, ttl: object, default_s: float | None) -> float | None:
    if ttl is None:
        return default_s
    if isinstance(ttl, bool) or not isinstance(ttl, int | float) or not 0 < ttl <= _LONGEST_S:
        raise InvalidTTLError(
            f"{name} is {ttl!r}: give a positive number of seconds, or None for the default"
        )
    return float(ttl)
