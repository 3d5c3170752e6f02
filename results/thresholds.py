"""The performance thresholds that the project began with, as expectations and as a check."""

from collections.abc import Mapping
from dataclasses import dataclass

from results.expectation import Expectation, Judgement
from results.judgement import judge_figure

_MS_PER_S = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceThresholds:
    """What a cache promises.

    Args:
        l1_max_avg_time: Seconds that a read served by L1 takes at most, on the mean.
        full_cache_max_p95_time: Seconds that 95 percent of all operations stay within.
        min_ops_per_second: Operations a second at least.
        min_overall_hit_rate: Reads that some tier serves, at least; 0 to 1.
        max_error_rate: Operations that fail, at most; 0 to 1.
    """

    l1_max_avg_time: float = 0.001
    full_cache_max_p95_time: float = 0.05
    min_ops_per_second: float = 1000.0
    min_overall_hit_rate: float = 0.7
    max_error_rate: float = 0.01

    def expectations(self) -> tuple[Expectation, ...]:
        """The thresholds as a scenario states them, in the metrics' units."""
        return (
            Expectation(metric="l1_avg_response_time_ms", at_most=self.l1_max_avg_time * _MS_PER_S),
            Expectation(
                metric="p95_response_time_ms", at_most=self.full_cache_max_p95_time * _MS_PER_S
            ),
            Expectation(metric="throughput_ops_per_second", at_least=self.min_ops_per_second),
            Expectation(metric="hit_ratio", at_least=self.min_overall_hit_rate),
            Expectation(metric="error_rate", at_most=self.max_error_rate),
        )

    def check(self, figures: Mapping[str, float]) -> tuple[Judgement, ...]:
        """Judge figures that are at hand.

        Args:
            figures: Figures by metric name, in the metrics' units; one that is missing is unknown.
        """
        return tuple(
            judge_figure(each, figures.get(each.metric), "it was not measured")
            for each in self.expectations()
        )
