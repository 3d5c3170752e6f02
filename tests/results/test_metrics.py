"""The table of metrics: consistent in itself."""

from results.metrics import METRICS, Source
from results.summary import _FROM_INTERVALS, _SOURCES

UNITS = {"ms": "_ms", "s": ("_s", "_seconds"), "ops/s": "_ops_per_second"}


def test_names_end_in_their_units() -> None:
    """A figure with a unit has it in its name."""
    for metric in METRICS.values():
        if metric.unit in UNITS:
            assert metric.name.endswith(UNITS[metric.unit]), metric


def test_every_metric_has_its_arithmetic() -> None:
    """No source and no metric of intervals is without a way to compute it."""
    assert set(_SOURCES) == set(Source)
    plain = [each for each in METRICS.values() if each.source is Source.INTERVALS and not each.tier]
    assert {metric.name for metric in plain} == set(_FROM_INTERVALS)


def test_what_adds_up_over_repeats() -> None:
    """Counts and lengths add up; ratios, percentiles, rates and largest figures do not."""
    adding = {name for name, metric in METRICS.items() if metric.adds_up}
    assert {"operations", "errors", "loads", "wrong_values", "phase_duration_s"} <= adding
    assert not {"error_rate", "hit_ratio", "p99_response_time_ms", "distinct_keys"} & adding
