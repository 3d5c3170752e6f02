"""Which metrics matter most: what a caller feels first, then what was promised."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from results.metric_names import resolve_metrics

TIMES = "times"
"""The name under which whole distributions of times are compared, one an operation."""

HEADLINE = (
    "throughput_ops_per_second",
    "highest_rate_ops_per_second",
    "p50_response_time_ms",
    "p95_response_time_ms",
    "p99_response_time_ms",
    TIMES,
    "errors",
    "error_rate",
    "hit_ratio",
    "loads",
    "unrecovered_faults",
    "time_to_recover_s",
    "time_to_detect_s",
    "fault_availability",
    "fault_p99_response_time_ms",
    "max_staleness_ms",
    "lost_writes",
    "overdue_reads",
    "impossible_reads",
    "wrong_values",
    "resurrected_reads",
)
GATED = frozenset(HEADLINE) - {TIMES}
"""What a gate judges where nobody says what: percentiles stand for the distributions."""

PROMISES = frozenset(
    (
        "errors",
        "unrecovered_faults",
        "lost_writes",
        "overdue_reads",
        "impossible_reads",
        "wrong_values",
    )
)
"""Counts of what should never be: any sure increase is a regression."""

OF_THE_MACHINE = frozenset(
    (
        "calibration_loop_ms",
        "calibration_ping_ms",
        "calibration_drift_ratio",
        "clock_error_ms",
        "recorder_cost_us",
        "start_skew_ms",
    )
)
"""What tells of the machine and the instrument, and nothing of a subject: it is not judged."""

HEADLINE_WEIGHT = 4.0
"""How much larger a part of the 5 % of false alarms a headline metric has than another."""

_RANKS = {name: place for place, name in enumerate(HEADLINE)}


def rank(metric: str) -> int:
    """Its place: headline metrics in their order, all others behind them."""
    return _RANKS.get(metric, len(HEADLINE))


def weight(metric: str) -> float:
    """Its weight in the correction for many metrics."""
    return HEADLINE_WEIGHT if metric in _RANKS else 1.0


def named(patterns: Sequence[str]) -> frozenset[str]:
    """The metrics that any of these names or patterns means, `times` among them.

    Raises:
        UnknownMetricError: One means none, or a name without a wildcard means several.
    """
    times = {TIMES for pattern in patterns if fnmatchcase(TIMES, pattern)}
    others = [pattern for pattern in patterns if pattern != TIMES]
    return frozenset(times | {metric.name for metric in resolve_metrics(others)})
