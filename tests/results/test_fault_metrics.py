"""Metrics of faults, worked by hand."""

from typing import Any

import pytest

from results.expectation import Expectation, Verdict
from results.figures import Figures
from results.judgement import judge
from results.scope import Scope
from results.summary import all_metrics, metric_value
from tests.results.build import an_attempt
from tests.results.struck_attempts import figures, struck, times, window

TIMED = struck(
    window_times=(
        times("before", *[1.0] * 500),
        times("during", *[2.0] * 98, 30.0, 40.0),
        times("during", 500.0, operation="set"),
        times("during", 900.0, tier="none", outcome="TimeoutError"),
    )
)


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("fault_availability", 101 / 102),
        ("fault_p50_response_time_ms", 2.0),
        ("fault_p99_response_time_ms", 500.0),
        ("fault_p99_ok_response_time_ms", 40.0),
        ("fault_p99_read_time_ms", 40.0),
        ("fault_max_response_time_ms", 900.0),
    ],
)
def test_times_during_faults(metric: str, value: float) -> None:
    """Of all operations, of single reads, and of what succeeded; never of those before."""
    assert metric_value(metric, Figures([TIMED])) == pytest.approx(value, rel=1e-3)


def test_without_faults_there_are_no_such_metrics() -> None:
    """None, not 0."""
    names = dict(all_metrics(Figures([an_attempt()]), None))
    assert not [name for name in names if name.startswith(("fault_", "time_to_", "origin_"))]


def test_a_percentile_of_too_few_is_not_judged() -> None:
    """A hundred and two are too few for a p99."""
    bound = Expectation(metric="fault_p99_response_time_ms", at_most=10_000)
    (judgement,) = judge([bound], Figures([TIMED]), None)
    assert judgement.verdict is Verdict.UNKNOWN
    assert judgement.reason == "102 samples are too few for a p99: 500 or more are enough"


def with_times_of_whole(name: str, *values: float | None, **changes: Any) -> Figures:
    """Windows at 2 s, 12 s, ... with these figures; None where one has none."""
    windows = tuple(window(number, 2.0 + 10 * number) for number in range(len(values)))
    known = [
        each
        for number, value in enumerate(values)
        for each in figures(number, **({} if value is None else {name: value}), during__loads=0)
    ]
    return Figures([struck(fault_windows=windows, window_figures=tuple(known), **changes)])


@pytest.mark.parametrize(
    ("values", "expected"), [((0.5, 1.5), 1.5), ((0.5, None), None), ((), None), ((0.0,), 0.0)]
)
@pytest.mark.parametrize("name", ["detect", "recover"])
def test_the_longest_counts_and_one_that_never_came_leaves_nothing(
    name: str, values: tuple[float | None, ...], expected: float | None
) -> None:
    """What is not known of one window is not said of any."""
    found = with_times_of_whole(f"{name}_s", *values)
    assert metric_value(f"time_to_{name}_s", found) == expected
    assert metric_value(f"time_to_{name}_s", found, Scope("other")) is None


@pytest.mark.parametrize(
    ("recovered", "unrecovered", "expected"),
    [
        ([0.5, 1.5], [], 0),
        ([0.5], [3.0], 1),
        ([], [3.0, 2.0], 2),
        ([], [0.0], None),
        ([], [], None),
    ],
)
def test_faults_that_were_never_recovered_from_are_counted(
    recovered: list[float], unrecovered: list[float], expected: int | None
) -> None:
    """Those after which there was nothing to watch tell nothing."""
    windows = [{"recover_s": each} for each in recovered]
    windows += [{"unrecovered_s": each} for each in unrecovered]
    spans = tuple(window(number, 2.0 + 10 * number) for number in range(len(windows) or 1))
    known = [each for number, of in enumerate(windows) for each in figures(number, **of)]
    found = Figures([struck(fault_windows=spans, window_figures=tuple(known))])
    assert metric_value("unrecovered_faults", found) == expected


def test_a_shard_that_never_recovered_is_not_hidden_by_one_that_did() -> None:
    """Nor a repeat by another."""
    well = struck(window_figures=figures(recover_s=0.2))
    never = struck(attempt_id="b", window_figures=figures(unrecovered_s=4.0))
    assert metric_value("time_to_recover_s", Figures([well, never])) is None


def test_a_shard_that_did_nothing_hides_no_recovery() -> None:
    """There is none to be seen of it; of idle shards alone nothing is known."""
    well = struck(window_figures=figures(recover_s=0.2, detect_s=0.1))
    idle = struck(attempt_id="b", window_figures=figures(idle=1))
    for metric, value in (("time_to_recover_s", 0.2), ("time_to_detect_s", 0.1)):
        assert metric_value(metric, Figures([well, idle])) == value
        assert metric_value(metric, Figures([idle])) is None


def test_amplification_is_loads_a_second_over_those_before() -> None:
    """Shards' loads add up over the time that they share; 30 in 2 s against 4 in 4 s."""
    shares = [
        figures(before__loads=1, before__length_s=4, during__loads=10, during__length_s=1.9),
        figures(before__loads=3, before__length_s=3.9, during__loads=20, during__length_s=2),
    ]
    shards = [
        struck(attempt_id=str(place), window_figures=share) for place, share in enumerate(shares)
    ]
    assert metric_value("origin_amplification", Figures(shards)) == pytest.approx(15)


@pytest.mark.parametrize(
    ("before", "during", "expected"), [(0, 5, None), (5, 0, 0.0), (None, 5, None)]
)
def test_amplification_needs_a_steady_state(
    before: float | None, during: float, expected: float | None
) -> None:
    """Nothing is a multiple of no loads; none during a fault is a ratio of 0."""
    calm = {} if before is None else {"before__loads": before, "before__length_s": 1.0}
    share = figures(**calm, during__loads=during, during__length_s=1.0)
    found = Figures([struck(window_figures=share)])
    assert metric_value("origin_amplification", found) == expected


def test_the_worst_of_several_faults_is_the_amplification() -> None:
    """Each is compared with what came before it."""
    shares = (
        *figures(0, before__loads=1, before__length_s=1, during__loads=2, during__length_s=1),
        *figures(1, before__loads=1, before__length_s=1, during__loads=7, during__length_s=1),
    )
    attempt = struck(fault_windows=(window(0), window(1, 6.0)), window_figures=shares)
    assert metric_value("origin_amplification", Figures([attempt])) == 7
