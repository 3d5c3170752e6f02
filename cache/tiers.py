"""Builds the three tiers of one cache from its settings."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cache.config import CacheConfig
from cache.flight import Flights, WriteOrder
from cache.gate import Gate
from cache.memory import MemoryTier
from cache.null import NullGate
from cache.stats import CacheStats
from cache.ttl import TTLs


@dataclass(slots=True)
class Tiers:
    """What the read and the write path share."""

    l1: MemoryTier
    l2: Gate | NullGate
    l3: Gate | NullGate
    ttls: TTLs
    stats: CacheStats = field(default_factory=CacheStats)
    flights: Flights = field(default_factory=Flights)
    order: WriteOrder = field(default_factory=WriteOrder)
    epoch: int = 0
    """Raised by each step of ``clear``: a write that spans one starts again."""

    def lower(self) -> tuple[Gate | NullGate, Gate | NullGate]:
        """Return the tiers in the order in which values are written: L3 before L2."""
        return self.l3, self.l2


def build_tiers(config: CacheConfig, clock: Callable[[], float]) -> Tiers:
    """Return the tiers, not yet connected."""
    l1 = MemoryTier(config.l1_max_size, clock=clock)
    return Tiers(l1, _l2(config), _l3(config), TTLs.of(config))


def _l2(config: CacheConfig) -> Gate | NullGate:
    if not config.enable_l2 or config.l2_url is None:
        return NullGate("l2")
    # Importing coredis takes most of a second: only caches that have an L2 pay for it.
    from cache.redis import RedisTier  # noqa: PLC0415 - see above

    tier = RedisTier(config.l2_url, config.namespace, config.l2_timeout_s)
    return Gate("l2", tier, interval_s=config.health_interval_s)


def _l3(config: CacheConfig) -> Gate | NullGate:
    if not config.enable_l3 or config.l3_url is None:
        return NullGate("l3")
    from cache.sql import SqlTier  # noqa: PLC0415 - SQLAlchemy takes most of a second too

    tier = SqlTier(config.l3_url, config.namespace, config.l3_timeout_s)
    return Gate(
        "l3",
        tier,
        interval_s=config.health_interval_s,
        reads_in_flight=1,
        writes_in_flight=1,
    )
