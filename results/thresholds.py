"""The performance thresholds that the project began with, as expectations and as a check."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from results.errors import InvalidExpectationError
from results.expectation import Expectation, Judgement
from results.judgement import judge_figure

_MS_PER_S = 1000.0


@dataclass(frozen=True, slots=True)
class _Threshold:
    metric: str
    at_least: bool = False
    unit: float = 1.0


_THRESHOLDS = MappingProxyType(
    {
        "l1_max_avg_time": _Threshold("l1_avg_response_time_ms", unit=_MS_PER_S),
        "full_cache_max_p95_time": _Threshold("p95_response_time_ms", unit=_MS_PER_S),
        "min_ops_per_second": _Threshold("throughput_ops_per_second", at_least=True),
        "min_overall_hit_rate": _Threshold("hit_ratio", at_least=True),
        "max_error_rate": _Threshold("error_rate"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceThresholds:
    """What a cache promises: absolutely, or as so many times what something else does.

    A threshold that is named in `relative_to_subject` or `relative_to_calibration` is a ratio:
    `full_cache_max_p95_time=1.2` with `relative_to_subject={"full_cache_max_p95_time":
    "redis-py"}` allows a fifth more than that subject takes in the same run.

    Args:
        l1_max_avg_time: Seconds that a read served by L1 takes at most, on the mean.
        full_cache_max_p95_time: Seconds that 95 percent of all operations stay within.
        min_ops_per_second: Operations a second at least.
        min_overall_hit_rate: Reads that some tier serves, at least; 0 to 1.
        max_error_rate: Operations that fail, at most; 0 to 1.
        relative_to_subject: The subject that a threshold is relative to, by the threshold's name.
        relative_to_calibration: `loop` or `ping`, by the name of a threshold that is relative to
            that calibration: times and operations a second can be.

    Raises:
        InvalidExpectationError: A name is none of a threshold's.
    """

    l1_max_avg_time: float = 0.001
    full_cache_max_p95_time: float = 0.05
    min_ops_per_second: float = 1000.0
    min_overall_hit_rate: float = 0.7
    max_error_rate: float = 0.01
    relative_to_subject: Mapping[str, str] = field(default_factory=dict)
    relative_to_calibration: Mapping[str, Literal["loop", "ping"]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (*self.relative_to_subject, *self.relative_to_calibration):
            if name not in _THRESHOLDS:
                known = ", ".join(_THRESHOLDS)
                raise InvalidExpectationError(f"no threshold is called {name}; there are {known}")

    def expectations(self) -> tuple[Expectation, ...]:
        """The thresholds as a scenario states them, in the metrics' units."""
        return tuple(self._expectation(name, threshold) for name, threshold in _THRESHOLDS.items())

    def check(self, figures: Mapping[str, float]) -> tuple[Judgement, ...]:
        """Judge figures that are at hand.

        Args:
            figures: Figures by metric name, in the metrics' units; where a threshold is relative,
                the ratio. One that is missing is unknown.
        """
        return tuple(
            judge_figure(each, figures.get(each.metric), "it was not measured")
            for each in self.expectations()
        )

    def _expectation(self, name: str, threshold: _Threshold) -> Expectation:
        subject = self.relative_to_subject.get(name)
        calibration = self.relative_to_calibration.get(name)
        absolute = subject is None and calibration is None
        bound: float = getattr(self, name) * (threshold.unit if absolute else 1)
        return Expectation(
            metric=threshold.metric,
            relative_to_subject=subject,
            relative_to_calibration=calibration,
            at_least=bound if threshold.at_least else None,
            at_most=None if threshold.at_least else bound,
        )
