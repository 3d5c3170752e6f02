"""The parts that the read and the write path of one cache share, built from its settings."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial

from msgspec.structs import replace

from cache.batch import Coalescer
from cache.breaker import BreakerState
from cache.codec import encode
from cache.coherence import Coherence
from cache.config import CacheConfig
from cache.events import BreakerChanged, Events, Kind
from cache.flight import Flights, WriteOrder
from cache.gate import Gate
from cache.l1.memory import MemoryTier
from cache.l3.behind import BehindGate
from cache.null import NullGate
from cache.pending import Settler
from cache.stats import CacheStats
from cache.tier import Entry, LeasingTier, PendingTier, Write
from cache.ttl import Lives, TTLs


class Tiers:
    """One cache's tiers, and what is known of the keys on their way between them.

    Args:
        config: The settings.
        clock: Seconds, never going back, for L1.
        on_listeners: Learns which kinds of events are listened to.
    """

    def __init__(
        self,
        config: CacheConfig,
        clock: Callable[[], float],
        on_listeners: Callable[[frozenset[Kind]], None],
    ) -> None:
        self.config = config
        self.clock = clock
        self.ttls = TTLs.of(config)
        self.lives = Lives(config)
        self.events = Events(on_listeners)
        self.l1 = MemoryTier(
            config.l1_max_size,
            max_bytes=config.l1_max_bytes,
            max_value_bytes=config.l1_max_value_bytes,
            copy_values=config.copy_values,
            clock=clock,
        )
        self.stats = CacheStats(self.l1)
        self.flights = Flights(copy_values=config.copy_values)
        self.order = WriteOrder()
        self.coherence = Coherence(config, self.l1, self.flights, self.stats, self.events)
        self.l2 = _l2(config)
        self.l3 = self._l3()
        self.settler = Settler(config, self.l2, self.l3, self.coherence)
        for gate in (self.l2, self.l3):
            gate.breaker.on_change = partial(self._tell_breaker, gate.name)
        self._expected: Coalescer[Mapping[str, Collection[str]], None] = Coalescer(
            self._expect, apart=True
        )
        self.epoch = 0
        """Raised by each step of ``clear``: what a write began before it does not enter L1."""

    def keep(self, key: str, entry: Entry, ttl_s: float | None) -> None:
        """Put into L1 what a tier below has; see ``keep_many``."""
        self.keep_many([(key, entry, ttl_s)])

    def keep_many(self, kept: Iterable[tuple[str, Entry, float | None]]) -> None:
        """Put into L1 what a tier below has, for a TTL or for what it has left there.

        L1 keeps it no longer than the staleness bound while nobody tells of others' writes.
        """
        in_upper, take, cap_s = self.lives.in_upper, self.l1.take, self.coherence.cap_s
        for key, entry, wanted_s in kept:
            ttl_s = in_upper(wanted_s, entry.ttl_s)
            if cap_s is not None and (ttl_s is None or ttl_s > cap_s):
                ttl_s = cap_s
            refresh_s = None
            if entry.cost_s:
                refresh_s = self.lives.early_refresh_s(entry.fresh_s, entry.cost_s)
            take(key, entry, ttl_s, refresh_s)

    def promotion(self, entry: Entry, ttls: TTLs, floor: int) -> Write:
        """Return what L2 is to hold of an entry of L3's."""
        return Write(
            entry.payload or encode(entry.value),
            self.lives.in_upper(ttls.l2_s, entry.ttl_s),
            entry.fresh_s,
            entry.age_s,
            entry.cost_s,
            entry.tags,
            entry.version,
            floor=floor,
        )

    def _tell_breaker(
        self, name: str, before: BreakerState, after: BreakerState, reason: str
    ) -> None:
        if self.events.wants(BreakerChanged):
            self.events.emit(BreakerChanged(name, before.value, after.value, reason))

    def _l3(self) -> Gate[PendingTier] | NullGate:
        config = self.config
        if not config.enable_l3 or config.l3_url is None:
            return NullGate("l3")
        from cache.l3.sql import SqlTier  # noqa: PLC0415 - SQLAlchemy takes most of a second too

        tier = SqlTier(
            config.l3_url,
            config.namespace,
            config.l3_timeout_s,
            notes_pending=bool(config.enable_l2),
        )
        if config.l3_write == "behind":
            return BehindGate(tier, config, self._committed)
        return Gate("l3", tier, interval_s=config.health_interval_s, one_at_a_time=True)

    async def _committed(self, writes: Mapping[str, Write], versions: Mapping[str, int]) -> None:
        """Tell L2 the order of writes that L3 has committed behind their callers."""
        in_order = {
            key: replace(
                write,
                ttl_s=self.lives.in_upper(self.ttls.l2_s, write.ttl_s),
                version=versions[key],
            )
            for key, write in writes.items()
            if key in versions
        }
        if await self.l2.write(in_order) is not None:
            self.settler.confirm(versions)

    async def expect(self, key: str, tags: Collection[str]) -> None:
        """Have a tagged load found by an invalidation of its tags."""
        await self._expected.submit({key: tags})

    async def _expect(self, requests: list[Mapping[str, Collection[str]]]) -> None:
        gate = self.l3
        if isinstance(gate, Gate):
            expected = {key: tags for request in requests for key, tags in request.items()}
            await gate.ask(partial(gate.tier.expect, expected))


def _l2(config: CacheConfig) -> Gate[LeasingTier] | NullGate:
    if not config.enable_l2 or config.l2_url is None:
        return NullGate("l2")
    # Importing coredis takes most of a second: only caches that have an L2 pay for it.
    from cache.l2.redis import redis_tier  # noqa: PLC0415 - see above

    return Gate("l2", redis_tier(config), interval_s=config.health_interval_s)
