"""Which figures of a comparison are shown, and each subject's as the texts of its cell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.cli.quantities import quantity
from results.compare import NOT_SUPPORTED
from results.metrics import METRICS, Metric

_WHOLE = {
    "throughput ops/s": "throughput_ops_per_second",
    "p50": "p50_response_time_ms",
    "p95": "p95_response_time_ms",
    "p99": "p99_response_time_ms",
    "highest rate ops/s": "highest_rate_ops_per_second",
    "hit ratio": "hit_ratio",
    "L1 hit ratio": "l1_hit_ratio",
    "L2 hit ratio": "l2_hit_ratio",
    "L3 hit ratio": "l3_hit_ratio",
    "errors": "errors",
    "loads": "loads",
    "memory": "subject_memory_mib",
}
_OF_PHASES = {"ops/s": "throughput_ops_per_second", "p50": "p50_response_time_ms"}
_LEAST_SHOWN = 0.0001
_NOTHING = {"value": None, "ratio": None, "interval": None}


@dataclass(frozen=True, slots=True)
class Cell:
    """One subject's figure: `12,300`, `0.42x`, `(0.40-0.44)`; each empty where there is none.

    What it can't do is `not supported`.
    """

    value: str
    ratio: str = ""
    interval: str = ""

    @property
    def is_figure(self) -> bool:
        """Whether there is one."""
        return self.value[:1].isdigit()


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of all subjects, in their order; about one phase, or all where that is None."""

    label: str
    phase: str | None
    cells: tuple[Cell, ...]

    @property
    def has_figures(self) -> bool:
        """Whether some subject has one."""
        return any(cell.is_figure for cell in self.cells)


def lines_of(comparison: Mapping[str, Any], subjects: Sequence[str]) -> list[Line]:
    """The lines of one scenario's table: its figures as a whole, then those of several phases.

    Args:
        comparison: A scenario's part `comparison` of a report.
        subjects: Its subjects, the one under test first.

    Returns:
        Only lines in which some subject has a figure.
    """
    found = [*_whole(comparison, subjects), *_phases(comparison, subjects)]
    return [line for line in found if line.has_figures]


def _whole(comparison: Mapping[str, Any], subjects: Sequence[str]) -> Iterator[Line]:
    for label, name in _WHOLE.items():
        yield _line(label, None, METRICS[name], comparison["figures"], subjects)


def _phases(comparison: Mapping[str, Any], subjects: Sequence[str]) -> Iterator[Line]:
    phases = comparison["phases"] if len(comparison["phases"]) > 1 else {}
    for phase, figures in phases.items():
        for label, name in _OF_PHASES.items():
            yield _line(f"{phase}: {label}", phase, METRICS[name], figures, subjects)


def _line(
    label: str,
    phase: str | None,
    metric: Metric,
    figures: Mapping[str, Mapping[str, Any]],
    subjects: Sequence[str],
) -> Line:
    of_subjects = figures.get(metric.name, {})
    first, *others = (of_subjects.get(each, _NOTHING) for each in subjects)
    # Its ratio to itself says nothing.
    alone = {**first, "ratio": None}
    return Line(label, phase, tuple(_cell(metric, each) for each in (alone, *others)))


def _cell(metric: Metric, compared: Mapping[str, Any]) -> Cell:
    value, ratio, interval = compared["value"], compared["ratio"], compared["interval"]
    if value == NOT_SUPPORTED:
        return Cell("not supported")
    return Cell(
        quantity(metric, value),
        "" if ratio is None else f"{_times(ratio)}x",
        "" if interval is None else f"({'-'.join(_times(end) for end in interval)})",
    )


def _times(ratio: float) -> str:
    """Two digits behind the point where that is enough to tell ratios apart."""
    if 0 < ratio < _LEAST_SHOWN:
        return f"<{_LEAST_SHOWN:f}".rstrip("0")
    for below, digits in ((0.01, ".2g"), (0.1, ".3f"), (10, ".2f"), (100, ".1f")):
        if ratio < below:
            return f"{ratio:{digits}}"
    return f"{ratio:,.0f}"
