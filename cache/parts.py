"""The parts of one cache as its figures see them: what health, metrics and alerts read."""

from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

from cache.coherence import Coherence
from cache.config import CacheConfig
from cache.events import Events
from cache.gate import Gate
from cache.l1.memory import MemoryTier
from cache.null import NullGate
from cache.stats import CacheStats
from cache.tiers import Tiers
from cache.warming import Warmer

AnyGate = Gate[Any] | NullGate


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything of one cache that there is to be looked at; looking changes nothing."""

    config: CacheConfig
    stats: CacheStats
    l1: MemoryTier
    l2: AnyGate
    l3: AnyGate
    coherence: Coherence
    warmer: Warmer
    events: Events

    @classmethod
    def of(cls, tiers: Tiers, warmer: Warmer) -> Self:
        """Return the parts of the cache that ``tiers`` and ``warmer`` belong to."""
        return cls(
            tiers.config,
            tiers.stats,
            tiers.l1,
            tiers.l2,
            tiers.l3,
            tiers.coherence,
            warmer,
            tiers.events,
        )

    def now(self) -> Self:
        """Return the same parts with the counts as they are now."""
        return replace(self, stats=self.stats.now())

    @property
    def gates(self) -> tuple[AnyGate, AnyGate]:
        """The tiers below memory."""
        return self.l2, self.l3

    def gate(self, level: str) -> AnyGate:
        """Return the tier below memory that is called ``level``."""
        return self.l2 if level == "l2" else self.l3

    def has(self, level: str) -> bool:
        """Tell whether the cache has ``level``."""
        return level not in {"l2", "l3"} or self.gate(level).is_enabled


class Monitored(Protocol):
    """A cache, as Prometheus and OpenTelemetry see it."""

    @property
    def parts(self) -> Parts:
        """What there is to be looked at."""
