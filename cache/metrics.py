"""Every metric of a cache, declared once; monitoring, Prometheus and OpenTelemetry read this table.

METRICS -> get_monitoring_metrics()   cache_l1_hits_total
        -> prometheus_text()          cache_hits_total{level="l1"}
        -> instrument()               cache.hits, with the attribute cache.level
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, Literal

from cache.parts import Parts
from cache.performance import error_rate

Read = Callable[[Parts, str], float | None]

_TIERS: Final = ("l1", "l2", "l3")
_LOWER: Final = ("l2", "l3")
_TIMED: Final = (*_TIERS, "origin")
_UNIT_SUFFIXES: Final = {"s": "_seconds", "By": "_bytes"}


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure, or one for each of some levels.

    Attributes:
        kind: A counter only ever rises; a gauge is what it is now.
        name: Its name, without prefix, unit and level.
        unit: The unit, as UCUM writes it; what is counted stands in braces.
        help: What it tells.
        read: Returns the figure of a level (empty where there is one figure only), or None where
            this cache has none.
        levels: The levels that have a figure each.
    """

    kind: Literal["counter", "gauge"]
    name: str
    unit: str
    help: str
    read: Read
    levels: tuple[str, ...] = ("",)

    @property
    def suffixed_name(self) -> str:
        """The name with its unit and kind, as Prometheus asks for."""
        return f"{self.name}{_UNIT_SUFFIXES.get(self.unit, '')}" + (
            "_total" if self.kind == "counter" else ""
        )

    def series(self, parts: Parts) -> Iterator[tuple[str, float]]:
        """Return level and figure, for each level that the cache has."""
        for level in self.levels:
            figure = self.read(parts, level) if parts.has(level) else None
            if figure is not None:
                yield level, figure


def monitoring_metrics(parts: Parts) -> dict[str, float]:
    """Return flat names and numbers for a monitoring system."""
    now = parts.now()
    return {
        "_".join(filter(None, ("cache", level, metric.suffixed_name))): figure
        for metric in METRICS
        for level, figure in metric.series(now)
    }


def _stat(name: str, unit: str, text: str) -> Metric:
    """Declare a counter that ``CacheStats`` keeps under the same name."""
    read: Callable[[Parts], float] = attrgetter(f"stats.{name}")
    return Metric("counter", name, unit, text, lambda parts, _: read(parts))


def _of(path: str) -> Read:
    read: Callable[[Parts], float] = attrgetter(path)
    return lambda parts, _: read(parts)


def _of_gate(path: str) -> Read:
    read = attrgetter(path)
    return lambda parts, level: float(read(parts.gate(level)))


def _hits(parts: Parts, level: str) -> int:
    return parts.stats.hits_and_misses(level)[0]


def _misses(parts: Parts, level: str) -> int:
    return parts.stats.hits_and_misses(level)[1]


def _p95_s(parts: Parts, level: str) -> float:
    return parts.stats.read_times[level].quantile_s(0.95)


def _error_rate(parts: Parts, _: str) -> float:
    rate: float = error_rate(parts)["overall_error_rate"]
    return rate


def _entries(parts: Parts, _: str) -> int:
    return len(parts.l1)


def _channel_up(parts: Parts, _: str) -> float | None:
    return float(parts.coherence.is_up) if parts.coherence.is_enabled else None


_HIT_RATE: Final = _of("stats.overall_hit_rate")
_EVICTIONS: Final = _of("l1.evictions")
_BYPASSED: Final = _of("l1.bypassed")
_SIZE: Final = _of("l1.size_bytes")
_SERVES: Final = _of_gate("serves")
_FAILURES: Final = _of_gate("counts.failures")
_SKIPPED: Final = _of_gate("counts.skipped")
_UNDECODABLE: Final = _of_gate("undecodable")
_OPENED: Final = _of_gate("breaker.times_opened")
_MISSED: Final = _of_gate("missed_keys")
_REPAIRED: Final = _of_gate("repairs.repaired_keys")
_CYCLES: Final = _of("warmer.counts.cycles")
_WARMED: Final = _of("warmer.counts.keys_warmed")
_NOT_FOUND: Final = _of("warmer.counts.keys_not_found")
_SPENT: Final = _of("warmer.counts.loads_spent")
_DENIED: Final = _of("warmer.counts.loads_denied")
_LISTENERS: Final = _of("events.failures")

METRICS: Final[tuple[Metric, ...]] = (
    _stat("reads", "{read}", "Reads answered, with a value or a miss"),
    _stat("failed_reads", "{read}", "Reads that raised"),
    _stat("writes", "{key}", "Keys set"),
    _stat("deletes", "{key}", "Keys deleted"),
    Metric("counter", "hits", "{read}", "Reads that the tier answered", _hits, _TIERS),
    Metric("counter", "misses", "{read}", "Reads that the tier passed down", _misses, _TIERS),
    Metric("gauge", "p95", "s", "95th percentile of the reads answered there", _p95_s, _TIMED),
    Metric("gauge", "overall_hit_rate", "1", "Share of reads that a tier answered", _HIT_RATE),
    Metric("gauge", "error_rate", "1", "Failed calls and reads in all operations", _error_rate),
    _stat("loads", "{load}", "Loads from the origin that were started"),
    _stat("load_failures", "{load}", "Loads that raised"),
    _stat("early_refreshes", "{load}", "Loads started before a value's time was over"),
    _stat("background_refreshes", "{load}", "Loads started while a stale value was served"),
    _stat("stale_served", "{read}", "Reads answered with a value whose time was over"),
    _stat("soft_timeouts", "{read}", "Reads that took a stale value instead of waiting"),
    _stat("hard_timeouts", "{read}", "Reads that gave up waiting for their load"),
    _stat("leases_waited", "{search}", "Searches that waited for another process's load"),
    _stat("fills_refused", "{value}", "Loaded values that a write overtook"),
    _stat("unencodable", "{value}", "Values that JSON can't hold"),
    _stat("oversized", "{value}", "Values over a limit of size"),
    _stat("invalidations_received", "{message}", "Messages from L2 about others' writes"),
    _stat("keys_invalidated", "{key}", "Keys named in those messages"),
    _stat("tags_invalidated", "{tag}", "Tags that callers invalidated"),
    Metric("gauge", "coherence_up", "1", "1 while others' writes are heard of", _channel_up),
    Metric("gauge", "entries", "{entry}", "Entries held", _entries, ("l1",)),
    Metric("counter", "evictions", "{entry}", "Entries evicted for room", _EVICTIONS, ("l1",)),
    Metric("counter", "bypassed", "{value}", "Values too large for it", _BYPASSED, ("l1",)),
    Metric("gauge", "size", "By", "Bytes of values held, where limited", _SIZE, ("l1",)),
    Metric("gauge", "serves", "1", "1 while the tier is asked", _SERVES, _LOWER),
    Metric("counter", "failures", "{call}", "Calls of the tier that failed", _FAILURES, _LOWER),
    Metric(
        "counter", "skipped", "{call}", "Calls not made: its breaker was open", _SKIPPED, _LOWER
    ),
    Metric("counter", "undecodable", "{payload}", "Foreign payloads read", _UNDECODABLE, _LOWER),
    Metric("counter", "breaker_opened", "{time}", "Times its breaker opened", _OPENED, _LOWER),
    Metric("gauge", "missed_keys", "{key}", "Written keys to be removed from it", _MISSED, _LOWER),
    Metric("counter", "repaired_keys", "{key}", "Keys removed after outages", _REPAIRED, _LOWER),
    Metric("counter", "warming_cycles", "{cycle}", "Warming cycles", _CYCLES),
    Metric("counter", "keys_warmed", "{key}", "Keys that warming put into L1", _WARMED),
    Metric("counter", "keys_not_found", "{key}", "Keys that warming sought in vain", _NOT_FOUND),
    Metric("counter", "warming_loads", "{load}", "Loads that warming began", _SPENT),
    Metric("counter", "warming_loads_denied", "{load}", "Loads over its budget", _DENIED),
    Metric("counter", "listener_failures", "{event}", "Events a listener failed on", _LISTENERS),
)
