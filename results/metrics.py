"""The one table of metrics: each name with its unit, its better direction and how it merges."""

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Which way a metric is better."""

    LOWER = "lower"
    HIGHER = "higher"
    NEITHER = "neither"


class Source(StrEnum):
    """Where a metric's figure comes from.

    `intervals` are merged histograms, `reads` are counts of keys read by serving tier, `times` are
    the lengths of attempts and phases, and the others are observations of attempts, merged as
    their name says.
    """

    INTERVALS = "intervals"
    READS = "reads"
    TIMES = "times"
    SUM = "sum"
    MEAN = "mean"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: `name` ends in its unit unless it is a ratio or a count.

    `tier` is the one that it is about, None where it is about the whole cache.
    """

    name: str
    unit: str
    direction: Direction
    source: Source
    meaning: str
    tier: str | None = None

    @property
    def adds_up(self) -> bool:
        """Whether the figure of several repeats is the sum of theirs."""
        return self.source in (Source.SUM, Source.TIMES) or (
            self.source is Source.INTERVALS and self.unit == "count"
        )


_LOWER, _HIGHER, _NEITHER = Direction.LOWER, Direction.HIGHER, Direction.NEITHER

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        # Derived from the merged histograms of all outcomes, failures included.
        Metric("throughput_ops_per_second", "ops/s", _HIGHER, Source.INTERVALS,
               "operations for each second of the measured phases"),
        Metric("avg_response_time_ms", "ms", _LOWER, Source.INTERVALS, "mean response time"),
        Metric("p50_response_time_ms", "ms", _LOWER, Source.INTERVALS, "median response time"),
        Metric("p95_response_time_ms", "ms", _LOWER, Source.INTERVALS, "95th percentile"),
        Metric("p99_response_time_ms", "ms", _LOWER, Source.INTERVALS, "99th percentile"),
        Metric("p99_9_response_time_ms", "ms", _LOWER, Source.INTERVALS, "99.9th percentile"),
        Metric("max_response_time_ms", "ms", _LOWER, Source.INTERVALS, "longest response time"),
        Metric("l1_avg_response_time_ms", "ms", _LOWER, Source.INTERVALS,
               "mean response time of single reads that L1 served", "l1"),
        Metric("l2_avg_response_time_ms", "ms", _LOWER, Source.INTERVALS,
               "mean response time of single reads that L2 served", "l2"),
        Metric("l3_avg_response_time_ms", "ms", _LOWER, Source.INTERVALS,
               "mean response time of single reads that L3 served", "l3"),
        Metric("origin_avg_response_time_ms", "ms", _LOWER, Source.INTERVALS,
               "mean response time of single reads that the loader served", "origin"),
        Metric("operations", "count", _NEITHER, Source.INTERVALS, "operations done"),
        Metric("errors", "count", _LOWER, Source.INTERVALS, "operations that raised or timed out"),
        Metric("error_rate", "ratio", _LOWER, Source.INTERVALS, "errors / operations"),
        # Derived from the counts of keys read by the tier that served them.
        Metric("hit_ratio", "ratio", _HIGHER, Source.READS, "reads served by any tier / reads"),
        Metric("l1_hit_ratio", "ratio", _HIGHER, Source.READS, "reads served by L1 / reads",
               "l1"),
        Metric("l2_hit_ratio", "ratio", _HIGHER, Source.READS,
               "reads served by L2 / reads that reached L2", "l2"),
        Metric("l3_hit_ratio", "ratio", _HIGHER, Source.READS,
               "reads served by L3 / reads that reached L3", "l3"),
        # Observed by the worker.
        Metric("reads_l1", "count", _NEITHER, Source.SUM, "keys read that L1 served", "l1"),
        Metric("reads_l2", "count", _NEITHER, Source.SUM, "keys read that L2 served", "l2"),
        Metric("reads_l3", "count", _NEITHER, Source.SUM, "keys read that L3 served", "l3"),
        Metric("reads_origin", "count", _NEITHER, Source.SUM, "keys read that the loader served",
               "origin"),
        Metric("reads_miss", "count", _NEITHER, Source.SUM, "keys read that nobody had"),
        Metric("loads", "count", _LOWER, Source.SUM, "calls of the loader"),
        Metric("values_checked", "count", _NEITHER, Source.SUM,
               "values read and compared with what was written"),
        Metric("wrong_values", "count", _LOWER, Source.SUM,
               "values read that were never written under that key"),
        Metric("stale_reads", "count", _LOWER, Source.SUM,
               "values read that an acknowledged write had replaced"),
        Metric("resurrected_reads", "count", _LOWER, Source.SUM,
               "values read after an acknowledged delete"),
        Metric("statistics_mismatches", "count", _LOWER, Source.SUM,
               "counts of the subject's statistics that differ from the generator's own"),
        Metric("distinct_keys", "count", _NEITHER, Source.MAX, "different keys asked for"),
        Metric("warmed_keys", "count", _HIGHER, Source.SUM, "keys that warming put into L1"),
        Metric("worker_cpu_ratio", "ratio", _LOWER, Source.MAX,
               "processor time of the worker process / wall time of the measured phases"),
        Metric("health_turned_s", "s", _LOWER, Source.MAX,
               "from a fault's effect to the subject's health saying so"),
        Metric("health_recovered_s", "s", _LOWER, Source.MAX,
               "from a fault's end to the subject's health being healthy again"),
        Metric("phase_duration_s", "s", _NEITHER, Source.TIMES, "wall time of the phases"),
        Metric("execution_time_seconds", "s", _LOWER, Source.TIMES, "wall time of the jobs"),
    )
}  # fmt: skip
