"""Expectations that are relative to a subject, to the machine, or stand on too few samples."""

import pytest

from results.accepted import AcceptedAttempt
from results.attempt_result import Distribution, Observation
from results.errors import InvalidExpectationError
from results.expectation import Expectation, Judgement, Verdict
from results.figures import Figures
from results.judgeable import check_expectation
from results.judgement import judge
from results.relative import Compared, Surroundings
from tests.results.build import a_histogram, a_span, an_attempt, an_interval, reads


def took(*values_ms: float, **changes: object) -> AcceptedAttempt:
    """An attempt with reads of these times in a phase of a second."""
    given = {"intervals": (an_interval(*values_ms),), "phases": (a_span(1.0),)}
    return an_attempt(**{**given, **changes})


def judged(
    expectation: Expectation,
    own: AcceptedAttempt,
    shortfall: str | None = None,
    noise: float = 0.0,
    **others: AcceptedAttempt,
) -> Judgement:
    """The judgement of one expectation, with other subjects beside."""
    around = Surroundings(
        subjects={
            name: Compared(Figures([attempt]), shortfall) for name, attempt in others.items()
        },
        noise=lambda _: {expectation.metric: noise},
    )
    (judgement,) = judge([expectation], Figures([own]), None, around)
    return judgement


SLOWER = Expectation(metric="avg_response_time_ms", relative_to_subject="plain", at_most=2)


def test_a_figure_relative_to_another_subject() -> None:
    """It is the ratio of both subjects' figures in the same scope."""
    assert judged(SLOWER, took(3.0), plain=took(2.0)).actual == pytest.approx(1.5)
    assert judged(SLOWER, took(3.0), plain=took(2.0)).verdict is Verdict.PASS
    assert judged(SLOWER, took(5.0), plain=took(2.0)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("metric", "plain", "reason"),
    [
        ("avg_response_time_ms", {}, "there is no figure of subject plain: it is not in this run"),
        ("loads", {"plain": took(1.0)}, "there is no figure of subject plain"),
        ("errors", {"plain": took(1.0)}, "the figure of subject plain is 0"),
        (
            "l1_hit_ratio",
            {"plain": took(1.0, observations=reads(origin=1), unsupported=frozenset({"l1"}))},
            "there is no figure of subject plain: it has no l1",
        ),
    ],
)
def test_without_the_other_subjects_figure_it_is_unknown(
    metric: str, plain: dict[str, AcceptedAttempt], reason: str
) -> None:
    """The reason says what is missing; a tier that the other lacks is no 0 to divide by."""
    own = took(1.0, observations=(*reads(l1=1), Observation(metric="loads", value=3)))
    expected = Expectation(metric=metric, relative_to_subject="plain", at_most=2)
    judgement = judged(expected, own, **plain)
    assert (judgement.verdict, judgement.reason) == (Verdict.UNKNOWN, reason)


def test_a_subject_that_did_not_finish_is_nothing_to_pass_against() -> None:
    """Met becomes unknown, as with one's own missing jobs; not met stays failed."""
    short = "1 of 2 jobs were accepted (1 failed)"
    met = judged(SLOWER, took(3.0), short, plain=took(2.0))
    assert (met.verdict, met.actual) == (Verdict.UNKNOWN, 1.5)
    assert met.reason == f"subject plain: {short}"
    assert judged(SLOWER, took(5.0), short, plain=took(2.0)).verdict is Verdict.FAIL


def test_a_bound_within_the_noise_judges_only_what_stands_out_of_it() -> None:
    """A tenth can't be told apart on a machine that scatters by a fifth; a half or twice can."""
    tight = Expectation(
        metric="throughput_ops_per_second", relative_to_subject="plain", at_least=0.9
    )
    judgement = judged(tight, took(1.0), noise=0.2, plain=took(1.0))
    assert judgement.verdict is Verdict.UNKNOWN
    assert judgement.reason == "below this machine's noise of 20 %"
    for operations, verdict in ((1, Verdict.FAIL), (4, Verdict.PASS)):
        clear = judged(tight, took(*[1.0] * operations), noise=0.2, plain=took(1.0, 1.0))
        assert clear.verdict is verdict
    assert judged(SLOWER, took(3.0), noise=0.2, plain=took(2.0)).verdict is Verdict.PASS
    assert judged(tight, took(1.0), noise=0.1, plain=took(1.0)).verdict is Verdict.PASS


def test_counts_are_compared_by_repeat() -> None:
    """A subject that lost one of two repeats has not loaded half as often."""
    loads = (Observation(metric="loads", value=10),)
    own = Figures([took(1.0, observations=loads, repeat=repeat) for repeat in (0, 1)])
    around = Surroundings(subjects={"plain": Compared(Figures([took(1.0, observations=loads)]))})
    (judgement,) = judge(
        [Expectation(metric="loads", relative_to_subject="plain", at_most=1)], own, None, around
    )
    assert (judgement.verdict, judgement.actual) == (Verdict.PASS, 1.0)


CALIBRATED = (
    Observation(metric="calibration_loop_ms", value=4.0),
    Observation(metric="calibration_ping_ms", value=0.5),
)


@pytest.mark.parametrize(
    ("metric", "kind", "ratio"),
    [
        ("avg_response_time_ms", "loop", 0.5),
        ("avg_response_time_ms", "ping", 4.0),
        ("phase_duration_s", "loop", 250.0),
        ("throughput_ops_per_second", "loop", 0.004),
        ("recorder_cost_us", "loop", 0.00025),
    ],
)
def test_a_time_relative_to_the_machines_own(metric: str, kind: str, ratio: float) -> None:
    """Times are multiples of the calibration, rates are what is done in its time."""
    own = took(2.0, observations=(*CALIBRATED, Observation(metric="recorder_cost_us", value=1.0)))
    expected = Expectation(metric=metric, relative_to_calibration=kind, at_most=1)  # type: ignore[arg-type]  # one of both
    assert judged(expected, own).actual == pytest.approx(ratio)


def test_what_adds_up_is_held_against_the_calibration_by_repeat() -> None:
    """Three repeats take three times as long; none of them is slower for it."""
    own = Figures([took(1.0, observations=CALIBRATED, repeat=repeat) for repeat in range(3)])
    expected = Expectation(metric="phase_duration_s", relative_to_calibration="loop", at_most=300)
    (judgement,) = judge([expected], own, None)
    assert (judgement.verdict, judgement.actual) == (Verdict.PASS, 250.0)


def test_without_l2_there_is_no_round_trip_to_compare_with() -> None:
    """That is no failure of the machine's: the subject lacks it."""
    expected = Expectation(metric="avg_response_time_ms", relative_to_calibration="ping", at_most=1)
    judgement = judged(expected, took(2.0, unsupported=frozenset({"l2"})))
    assert judgement.verdict is Verdict.NOT_SUPPORTED


def test_without_a_calibration_it_is_unknown() -> None:
    """A run without L2 has no round trip to compare with."""
    expected = Expectation(metric="avg_response_time_ms", relative_to_calibration="ping", at_most=1)
    judgement = judged(expected, took(2.0))
    assert judgement.verdict is Verdict.UNKNOWN
    assert judgement.reason == "there is no figure of the calibration ping"


@pytest.mark.parametrize(
    ("expectation", "said"),
    [
        (
            Expectation(
                metric="avg_response_time_ms",
                relative_to_subject="a",
                relative_to_calibration="loop",
                at_most=1,
            ),
            "relative to one thing only",
        ),
        (
            Expectation(
                metric="errors", phase="b", relative_to_phase="a", relative_to_subject="c", equals=1
            ),
            "relative to one thing only",
        ),
        (
            Expectation(metric="hit_ratio", relative_to_calibration="loop", at_most=1),
            "neither a time nor a rate",
        ),
    ],
)
def test_a_relation_that_cannot_be_judged(expectation: Expectation, said: str) -> None:
    """It is refused before anything runs."""
    with pytest.raises(InvalidExpectationError, match=said):
        check_expectation(expectation)


@pytest.mark.parametrize(
    ("metric", "wanted"),
    [
        ("p50_response_time_ms", 10),
        ("p95_response_time_ms", 100),
        ("p95_ok_response_time_ms", 100),
        ("p99_service_time_ms", 500),
        ("p99_9_response_time_ms", 5_000),
        ("p99_loop_lag_ms", 500),
    ],
)
def test_a_percentile_of_too_few_samples_is_unknown(metric: str, wanted: int) -> None:
    """Five have to lie above it; one less and nothing is judged, however good it looks."""

    def of(count: int) -> Judgement:
        times = a_histogram(*[1.0] * count)
        lag = Distribution(name="loop_lag", phase="load", warmup=False, histogram=times)
        own = an_attempt(intervals=(an_interval(histogram=times),), distributions=(lag,))
        return judged(Expectation(metric=metric, at_most=50), own)

    assert of(wanted).verdict is Verdict.PASS
    few = of(wanted - 1)
    assert (few.verdict, few.actual) == (Verdict.UNKNOWN, 1.0)
    assert few.reason.startswith(f"{wanted - 1} samples are too few for a p")
    assert few.reason.endswith(f": {wanted} or more are enough")


def test_samples_are_those_of_the_scope_and_of_what_it_is_relative_to() -> None:
    """Enough in one phase do not make up for too few in the other."""
    enough, few = an_interval(*[1.0] * 10), an_interval(*[1.0] * 9, phase="before")
    own = an_attempt(intervals=(enough, few))
    alone = Expectation(metric="p50_response_time_ms", phase="load", at_most=2)
    assert judged(alone, own).verdict is Verdict.PASS
    both = Expectation(
        metric="p50_response_time_ms", phase="load", relative_to_phase="before", at_most=2
    )
    assert judged(both, own).reason.startswith("relative to phase before: 9 samples")
    others = Expectation(
        metric="p50_response_time_ms", phase="load", relative_to_subject="plain", at_most=2
    )
    beside = took(*[1.0] * 9)
    assert judged(others, own, plain=beside).reason.startswith("relative to subject plain: 9 ")


def test_the_longest_time_needs_no_more_samples_than_one() -> None:
    """A maximum is no percentile."""
    longest = Expectation(metric="max_response_time_ms", at_most=2)
    assert judged(longest, took(1.0)).verdict is Verdict.PASS


def test_an_operation_that_the_subject_lacks_is_not_supported() -> None:
    """A cache without get_many has neither failed nor passed what is asked of get_many."""
    expected = Expectation(metric="errors", operation="get_many", equals=0)
    judgement = judged(expected, took(1.0, unsupported=frozenset({"get_many"})))
    assert judgement.verdict is Verdict.NOT_SUPPORTED
    assert judgement.reason == "the subject has no get_many"


@pytest.mark.parametrize("scope", [{"phase": "batch"}, {"phase": "load", "relative": "batch"}])
def test_a_phase_that_was_skipped_is_not_supported(scope: dict[str, str]) -> None:
    """A phase whose every operation is lacking was neither passed nor failed."""
    expected = Expectation(
        metric="avg_response_time_ms",
        phase=scope["phase"],
        relative_to_phase=scope.get("relative"),
        at_most=2,
    )
    judgement = judged(expected, took(1.0, unsupported=frozenset({"phase batch", "get_many"})))
    assert judgement.verdict is Verdict.NOT_SUPPORTED
    assert judgement.reason == "the subject has no phase batch"
