"""The one table of metrics: each name with its unit, its better direction and how it merges."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Which way a metric is better."""

    LOWER = "lower"
    HIGHER = "higher"
    NEITHER = "neither"


class Source(StrEnum):
    """Where a metric's figure comes from.

    `intervals` are merged histograms, `windows` what is known of fault windows, `reads` are counts
    of keys read by serving tier, `times` are the lengths of attempts and phases, `distributions`
    are merged histograms of other figures than operations, and the others are observations of
    attempts, merged as their name says; `spread` is the distance of the smallest and the largest in
    a group.
    """

    INTERVALS = "intervals"
    WINDOWS = "windows"
    READS = "reads"
    TIMES = "times"
    SUM = "sum"
    MEAN = "mean"
    MAX = "max"
    SPREAD = "spread"
    DISTRIBUTIONS = "distributions"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: `name` ends in its unit unless it is a ratio or a count.

    `tier` is the one that it is about, None where it is about the whole cache. `of` is the name of
    the distribution or the observation that it is made of, where that is not its own.
    """

    name: str
    unit: str
    direction: Direction
    source: Source
    meaning: str
    tier: str | None = None
    of: str | None = None

    @property
    def adds_up(self) -> bool:
        """Whether the figure of several repeats is the sum of theirs."""
        return (
            self.source in (Source.SUM, Source.TIMES)
            or (self.source in (Source.INTERVALS, Source.WINDOWS) and self.unit == "count")
            or (self.source is Source.DISTRIBUTIONS and self.name.startswith("total_"))
        )

    @property
    def percentile(self) -> float | None:
        """The percentile that its name has in front, above 0 and below 100; None for others."""
        found = re.match(r"(?:fault_)?p(\d\d)(?:_(\d))?_", self.name)
        return float(f"{found[1]}.{found[2] or 0}") if found else None


DISTRIBUTIONS = ("schedule_lag", "loop_lag", "gc_pause", "staleness")
"""What attempts keep whole distributions of, beside the times of operations."""

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
        Metric("p50_ok_response_time_ms", "ms", _LOWER, Source.INTERVALS,
               "median response time of what succeeded"),
        Metric("p95_ok_response_time_ms", "ms", _LOWER, Source.INTERVALS,
               "95th percentile of what succeeded"),
        Metric("p99_ok_response_time_ms", "ms", _LOWER, Source.INTERVALS,
               "99th percentile of what succeeded"),
        Metric("avg_service_time_ms", "ms", _LOWER, Source.INTERVALS,
               "mean time from when an operation was sent"),
        Metric("p50_service_time_ms", "ms", _LOWER, Source.INTERVALS,
               "median time from when an operation was sent"),
        Metric("p95_service_time_ms", "ms", _LOWER, Source.INTERVALS,
               "95th percentile of the time from when an operation was sent"),
        Metric("p99_service_time_ms", "ms", _LOWER, Source.INTERVALS,
               "99th percentile of the time from when an operation was sent"),
        Metric("max_service_time_ms", "ms", _LOWER, Source.INTERVALS,
               "longest time from when an operation was sent"),
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
        # Derived from the merged histograms of the fault windows, from effect to end.
        Metric("fault_availability", "ratio", _HIGHER, Source.WINDOWS,
               "operations that succeeded / operations, during faults"),
        Metric("fault_p50_response_time_ms", "ms", _LOWER, Source.WINDOWS,
               "median response time during faults"),
        Metric("fault_p99_response_time_ms", "ms", _LOWER, Source.WINDOWS,
               "99th percentile during faults"),
        Metric("fault_p99_read_time_ms", "ms", _LOWER, Source.WINDOWS,
               "99th percentile of single reads during faults"),
        Metric("fault_p99_ok_response_time_ms", "ms", _LOWER, Source.WINDOWS,
               "99th percentile of what succeeded during faults"),
        Metric("fault_max_response_time_ms", "ms", _LOWER, Source.WINDOWS,
               "longest response time during faults"),
        # Derived from the counts of keys read by the tier that served them.
        Metric("hit_ratio", "ratio", _HIGHER, Source.READS, "reads served by any tier / reads"),
        Metric("l1_hit_ratio", "ratio", _HIGHER, Source.READS, "reads served by L1 / reads",
               "l1"),
        Metric("l2_hit_ratio", "ratio", _HIGHER, Source.READS,
               "reads served by L2 / reads that reached L2", "l2"),
        Metric("l3_hit_ratio", "ratio", _HIGHER, Source.READS,
               "reads served by L3 / reads that reached L3", "l3"),
        # Of distributions that are kept beside the operations' times.
        Metric("p99_schedule_lag_ms", "ms", _LOWER, Source.DISTRIBUTIONS,
               "99th percentile of how late the generator sent what was due", of="schedule_lag"),
        Metric("max_schedule_lag_ms", "ms", _LOWER, Source.DISTRIBUTIONS,
               "the latest that the generator sent what was due", of="schedule_lag"),
        Metric("p99_loop_lag_ms", "ms", _LOWER, Source.DISTRIBUTIONS,
               "99th percentile of how late the event loop woke a sleeper", of="loop_lag"),
        Metric("max_loop_lag_ms", "ms", _LOWER, Source.DISTRIBUTIONS,
               "the latest that the event loop woke a sleeper", of="loop_lag"),
        Metric("max_gc_pause_ms", "ms", _LOWER, Source.DISTRIBUTIONS,
               "longest pause for garbage collection", of="gc_pause"),
        Metric("total_gc_pause_ms", "ms", _LOWER, Source.DISTRIBUTIONS,
               "all pauses for garbage collection together", of="gc_pause"),
        Metric("p50_staleness_ms", "ms", _LOWER, Source.DISTRIBUTIONS,
               "median time that what a read saw had been replaced, 0 where it had not",
               of="staleness"),
        Metric("p99_staleness_ms", "ms", _LOWER, Source.DISTRIBUTIONS,
               "99th percentile of the same", of="staleness"),
        Metric("max_staleness_ms", "ms", _LOWER, Source.DISTRIBUTIONS,
               "the greatest of the same", of="staleness"),
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
        Metric("checked_reads", "count", _NEITHER, Source.SUM,
               "reads held against the history of all workers"),
        Metric("checked_writes", "count", _NEITHER, Source.SUM,
               "writes, deletes and clears of that history"),
        Metric("impossible_reads", "count", _LOWER, Source.SUM,
               "reads of what no write could have made visible by then"),
        Metric("overdue_reads", "count", _LOWER, Source.SUM,
               "reads of what had been replaced or deleted for longer than the subject promises"),
        Metric("repeated_writes", "count", _LOWER, Source.SUM,
               "writes seen again after what had replaced them was seen"),
        Metric("audited_writes", "count", _NEITHER, Source.SUM,
               "acknowledged writes and deletes that were read back at the end"),
        Metric("lost_writes", "count", _LOWER, Source.SUM,
               "acknowledged writes and deletes that had been undone by the end"),
        Metric("never_read_writes", "count", _NEITHER, Source.SUM,
               "acknowledged writes that no read has seen"),
        Metric("statistics_mismatches", "count", _LOWER, Source.SUM,
               "counts of the subject's statistics that differ from the generator's own"),
        Metric("distinct_keys", "count", _NEITHER, Source.MAX, "different keys asked for"),
        Metric("warmed_keys", "count", _HIGHER, Source.SUM, "keys that warming put into L1"),
        Metric("cross_reads", "count", _NEITHER, Source.SUM,
               "reads of what other workers write, compared with what these had written"),
        Metric("cross_stale_reads", "count", _LOWER, Source.SUM,
               "of these, values that an acknowledged write of another worker had replaced"),
        Metric("offered_operations", "count", _NEITHER, Source.SUM,
               "operations that an open loop had due"),
        Metric("dropped_operations", "count", _LOWER, Source.SUM,
               "operations that were due and never sent"),
        Metric("highest_rate_ops_per_second", "ops/s", _HIGHER, Source.MEAN,
               "the highest rate of a search at which its bound held"),
        Metric("start_skew_ms", "ms", _LOWER, Source.SPREAD,
               "from the first to the last worker of a group that began", of="start_offset_ms"),
        Metric("start_offset_ms", "ms", _NEITHER, Source.MEAN,
               "how long after the moment agreed upon a worker began"),
        Metric("clock_error_ms", "ms", _LOWER, Source.MAX,
               "how far apart two workers of a group may see the same moment"),
        Metric("server_commands", "count", _NEITHER, Source.SUM, "commands that L2's server did",
               "l2"),
        Metric("server_hits", "count", _NEITHER, Source.SUM, "keys that L2's server found", "l2"),
        Metric("server_misses", "count", _NEITHER, Source.SUM,
               "keys that L2's server did not find", "l2"),
        Metric("server_evictions", "count", _LOWER, Source.SUM,
               "keys that L2's server evicted for want of memory", "l2"),
        Metric("server_expirations", "count", _NEITHER, Source.SUM,
               "keys that L2's server removed when their time was up", "l2"),
        Metric("server_memory_mib", "MiB", _LOWER, Source.MAX, "memory that L2's server uses",
               "l2"),
        Metric("server_network_in_mib", "MiB", _LOWER, Source.SUM, "what L2's server received",
               "l2"),
        Metric("server_network_out_mib", "MiB", _LOWER, Source.SUM, "what L2's server sent", "l2"),
        Metric("worker_memory_mib", "MiB", _LOWER, Source.MAX,
               "resident memory of the worker process"),
        Metric("subject_memory_mib", "MiB", _LOWER, Source.MAX,
               "growth of the worker's memory from before the subject was started to after the "
               "last phase, without the recorder's arrays"),
        Metric("voluntary_context_switches", "count", _LOWER, Source.SUM,
               "times that the worker waited for something"),
        Metric("involuntary_context_switches", "count", _LOWER, Source.SUM,
               "times that the worker was made to wait"),
        Metric("gc_collections", "count", _LOWER, Source.SUM, "garbage collections of the worker"),
        Metric("calibration_loop_ms", "ms", _LOWER, Source.MEAN,
               "a fixed loop of Python on this machine, at its quickest"),
        Metric("calibration_ping_ms", "ms", _LOWER, Source.MEAN,
               "median round trip of a PING to L2"),
        Metric("calibration_drift_ratio", "ratio", _LOWER, Source.MAX,
               "the slower over the quicker of the loop before and after the attempt"),
        Metric("recorder_cost_us", "us", _LOWER, Source.MEAN,
               "what recording one operation of a null subject costs"),
        Metric("worker_cpu_ratio", "ratio", _LOWER, Source.MAX,
               "processor time of the worker process / wall time of the measured phases"),
        Metric("health_turned_s", "s", _LOWER, Source.MAX,
               "from a fault's effect to the subject's health saying so"),
        Metric("health_recovered_s", "s", _LOWER, Source.MAX,
               "from a fault's end to the subject's health being healthy again"),
        Metric("time_to_detect_s", "s", _LOWER, Source.WINDOWS,
               "from a fault's effect to the first change of the subject's health or breakers"),
        Metric("time_to_recover_s", "s", _LOWER, Source.WINDOWS,
               "from a fault's end to the first of the seconds within the SLO"),
        Metric("unrecovered_faults", "count", _LOWER, Source.WINDOWS,
               "faults after which no seconds within the SLO were seen before the load's end"),
        Metric("origin_amplification", "ratio", _LOWER, Source.WINDOWS,
               "loads a second during a fault / loads a second before it"),
        Metric("resumed_after_s", "s", _LOWER, Source.MAX,
               "from the end of an attempt whose worker died to the next one's begin"),
        Metric("phase_duration_s", "s", _NEITHER, Source.TIMES, "wall time of the phases"),
        Metric("execution_time_seconds", "s", _LOWER, Source.TIMES, "wall time of the jobs"),
    )
}  # fmt: skip
