"""The table of metrics: consistent in itself."""

from results.fault_metrics import FAULT_TIMES
from results.metrics import DISTRIBUTIONS, METRICS, Source
from results.operation_metrics import _OTHERS, PERCENTILES
from results.summary import _SOURCES

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
    assert {metric.name for metric in plain} == {*PERCENTILES, *_OTHERS}


def test_what_adds_up_over_repeats() -> None:
    """Counts and lengths add up; ratios, percentiles, rates and largest figures do not."""
    adding = {name for name, metric in METRICS.items() if metric.adds_up}
    assert {"operations", "errors", "loads", "wrong_values", "phase_duration_s"} <= adding
    assert not {"error_rate", "hit_ratio", "p99_response_time_ms", "distinct_keys"} & adding
    assert "total_gc_pause_ms" in adding
    assert not {"max_gc_pause_ms", "start_skew_ms"} & adding


def test_a_percentile_is_what_its_name_begins_with() -> None:
    """The name's number is the percentile; what begins otherwise is none."""
    said = {name: metric.percentile for name, metric in METRICS.items() if metric.percentile}
    assert said["p50_staleness_ms"] == 50
    assert said["p99_9_response_time_ms"] == 99.9
    assert {name: each.percentile for name, each in PERCENTILES.items()} == {
        name: METRICS[name].percentile or 100 for name in PERCENTILES
    }
    assert {name: each.percentile for name, each in FAULT_TIMES.items()} == {
        name: METRICS[name].percentile or 100 for name in FAULT_TIMES
    }
    plain = [name.removeprefix("fault_") for name in said]
    assert all(name.startswith("p") and name[1].isdigit() for name in plain)


def test_what_is_made_of_something_else_names_it() -> None:
    """A figure of a distribution names one that is kept; a spread names an observation."""
    made = {name: metric for name, metric in METRICS.items() if metric.of is not None}
    kept = {each.of for each in made.values() if each.source is Source.DISTRIBUTIONS}
    assert kept == set(DISTRIBUTIONS)
    observed = {each.of for each in made.values() if each.source is not Source.DISTRIBUTIONS}
    assert observed <= set(METRICS)
    sources = {each.source for each in METRICS.values() if each.of is None}
    assert not sources & {Source.DISTRIBUTIONS, Source.SPREAD}
