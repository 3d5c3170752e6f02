"""Subjects side by side: each one's figures, their ratios to the first's, and how sure these are.

Repeats are paired, as those of one number ran one after another on one machine. Ratios are
compared as logarithms, in which a half and a double lie equally far from 1.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from results import student
from results.metrics import METRICS

COMPARED = (
    "throughput_ops_per_second",
    "p50_response_time_ms",
    "p95_response_time_ms",
    "p99_response_time_ms",
    "p99_9_response_time_ms",
    "p99_service_time_ms",
    "highest_rate_ops_per_second",
    "hit_ratio",
    "l1_hit_ratio",
    "l2_hit_ratio",
    "l3_hit_ratio",
    "error_rate",
    "errors",
    "loads",
    "worker_memory_mib",
    "subject_memory_mib",
    "server_memory_mib",
)
COMPARED_FROM = {"subject_memory_mib": 10.0}
"""Figures below this have no ratio: the first job of a process alone has been seen to add 6 MiB."""

NOT_SUPPORTED = "not_supported"
CONFIDENCE = 0.95
_FEWEST_PAIRS = 2

Metrics = Mapping[str | None, Mapping[str, float]]
"""Figures by phase (None for all measured phases together) and by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectFigures:
    """One subject's figures of a scenario.

    Args:
        name: The subject.
        unsupported: Tiers, metrics and operations that it lacks.
        merged: Its figures over all repeats.
        repeats: Its figures of each repeat.
    """

    name: str
    unsupported: frozenset[str]
    merged: Metrics
    repeats: Mapping[int, Metrics]

    def value(self, metric: str, phase: str | None) -> float | str | None:
        """Its merged figure, `not_supported` where it lacks that, None where it has none."""
        if not self.unsupported.isdisjoint((metric, METRICS[metric].tier)):
            return NOT_SUPPORTED
        return self.merged.get(phase, {}).get(metric)

    def by_repeat(self, metric: str, phase: str | None) -> dict[int, float]:
        """The figure of each repeat that has one."""
        found = {
            repeat: metrics.get(phase, {}).get(metric) for repeat, metrics in self.repeats.items()
        }
        return {repeat: value for repeat, value in found.items() if value is not None}


def compare(subjects: Sequence[SubjectFigures]) -> dict[str, Any]:
    """The comparison of one scenario's subjects, as JSON-able data in a stable order.

    Args:
        subjects: Two or more; the others are compared with the first.

    Returns:
        `first`, `confidence`, `figures` by metric and subject over all measured phases, and the
        same for each phase in `phases`. A figure has its `value` (`not_supported` where the
        subject lacks it), its `ratio` to the first's, the `interval` of that ratio, and the number
        of `pairs` of repeats that this stands on.
    """
    phases = dict.fromkeys(phase for each in subjects for phase in each.merged if phase is not None)
    return {
        "first": subjects[0].name,
        "confidence": CONFIDENCE,
        "figures": _figures(subjects, None),
        "phases": {phase: _figures(subjects, phase) for phase in phases},
    }


def ratio_interval(pairs: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """The 95 % confidence interval of a ratio, from pairs of figures.

    Student's t interval of the pairs' mean log ratio (Fleming and Wallace 1986 say why ratios are
    averaged geometrically; the interval is that of paired differences).

    Args:
        pairs: The figure and the one that it is compared with, of each repeat.

    Returns:
        Lower and upper end; None of fewer than two pairs, or where a figure is 0.
    """
    if len(pairs) < _FEWEST_PAIRS or any(min(pair) <= 0 for pair in pairs):
        return None
    logs = [math.log(value / base) for value, base in pairs]
    times = student.quantile((1 + CONFIDENCE) / 2, len(logs) - 1)
    reach = times * stdev(logs) / math.sqrt(len(logs))
    return math.exp(fmean(logs) - reach), math.exp(fmean(logs) + reach)


def _figures(subjects: Sequence[SubjectFigures], phase: str | None) -> dict[str, Any]:
    first = subjects[0]
    return {
        metric: {each.name: _compared(metric, phase, each, first) for each in subjects}
        for metric in COMPARED
        if any(isinstance(each.value(metric, phase), float) for each in subjects)
    }


def _compared(
    metric: str, phase: str | None, subject: SubjectFigures, first: SubjectFigures
) -> dict[str, Any]:
    ratio = _ratio(metric, phase, subject, first)
    pairs = [] if subject is first else _pairs(metric, phase, subject, first)
    interval = None if ratio is None else ratio_interval(pairs)
    return {
        "value": subject.value(metric, phase),
        "ratio": ratio,
        "interval": None if interval is None else list(interval),
        "pairs": len(pairs),
    }


def _ratio(
    metric: str, phase: str | None, subject: SubjectFigures, first: SubjectFigures
) -> float | None:
    value, base = subject.value(metric, phase), first.value(metric, phase)
    if not isinstance(value, float) or not isinstance(base, float) or not base:
        return None
    if min(value, base) < COMPARED_FROM.get(metric, 0.0):
        return None
    if not METRICS[metric].adds_up:
        return value / base
    # A count over three repeats is no multiple of one over two.
    repeats, of_first = (len(each.by_repeat(metric, phase)) or 1 for each in (subject, first))
    return value / repeats / (base / of_first)


def _pairs(
    metric: str, phase: str | None, subject: SubjectFigures, first: SubjectFigures
) -> list[tuple[float, float]]:
    own, others = subject.by_repeat(metric, phase), first.by_repeat(metric, phase)
    return [(own[repeat], others[repeat]) for repeat in sorted(own) if repeat in others]
