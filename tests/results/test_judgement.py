"""Verdicts on expectations and scenarios: nothing passes that was not seen."""

from typing import Any

import pytest

from results.accepted import AcceptedAttempt
from results.attempt_result import FaultWindow, WindowFigure
from results.expectation import Expectation, Judgement, Verdict
from results.figures import Figures
from results.judgement import JobCounts, judge, verdict_of
from tests.results.build import a_span, an_interval, reads
from tests.results.struck_attempts import figures, struck, window
from tests.results.test_summary import an_attempt


def judged(
    expectation: Expectation, *attempts: AcceptedAttempt, shortfall: str | None = None
) -> Judgement:
    """The judgement of one expectation on these attempts."""
    (judgement,) = judge([expectation], Figures(attempts), shortfall)
    return judgement


def done(*values_ms: float, **changes: Any) -> AcceptedAttempt:
    """An attempt that did reads of these times."""
    return an_attempt(intervals=(an_interval(*values_ms),), phases=(a_span(1.0),), **changes)


@pytest.mark.parametrize(
    ("bound", "verdict"),
    [
        ({"at_most": 3.0}, Verdict.PASS),
        ({"at_most": 2.999}, Verdict.FAIL),
        ({"at_least": 3.0}, Verdict.PASS),
        ({"at_least": 3.001}, Verdict.FAIL),
        ({"equals": 3.0}, Verdict.PASS),
        ({"equals": 4.0}, Verdict.FAIL),
    ],
)
def test_bounds(bound: dict[str, float], verdict: Verdict) -> None:
    """Bounds include their edge."""
    judgement = judged(Expectation(metric="operations", **bound), done(1, 2, 3))
    assert (judgement.verdict, judgement.actual) == (verdict, 3)


def test_a_failed_expectation_says_why() -> None:
    """The reason has the figure and the bound."""
    judgement = judged(Expectation(metric="operations", at_least=10), done(1))
    assert judgement.reason == "1 is not >= 10"


def test_nothing_to_judge_is_unknown() -> None:
    """A figure that was never seen does not pass, whatever the bound."""
    judgement = judged(Expectation(metric="hit_ratio", at_least=0), done(1))
    assert (judgement.verdict, judgement.actual) == (Verdict.UNKNOWN, None)
    assert judgement.reason == "nothing was seen that it could be judged on"


def test_a_missing_job_lets_nothing_pass() -> None:
    """What was met becomes unknown, what was not met stays failed, nothing seen says why."""
    short = "1 of 2 jobs were accepted (1 failed)"
    met = judged(Expectation(metric="operations", equals=1), done(1), shortfall=short)
    missed = judged(Expectation(metric="operations", equals=2), done(1), shortfall=short)
    unseen = judged(Expectation(metric="operations", equals=2), shortfall=short)
    assert (met.verdict, met.actual, met.reason) == (Verdict.UNKNOWN, 1, short)
    assert (missed.verdict, missed.reason) == (Verdict.FAIL, "1 is not == 2")
    assert (unseen.verdict, unseen.actual, unseen.reason) == (Verdict.UNKNOWN, None, short)


@pytest.mark.parametrize(
    ("unsupported", "expectation"),
    [
        ("l3", Expectation(metric="l3_hit_ratio", at_least=0.5)),
        ("l3", Expectation(metric="p95_response_time_ms", tier="l3", at_most=5)),
        ("stale_reads", Expectation(metric="stale_reads", equals=0)),
    ],
)
def test_what_a_subject_lacks_counts_nowhere(unsupported: str, expectation: Expectation) -> None:
    """An expectation about a tier or metric that the subject lacks is not supported."""
    attempt = an_attempt(unsupported=frozenset({unsupported}))
    judgement = judged(expectation, attempt)
    assert judgement.verdict is Verdict.NOT_SUPPORTED
    assert judgement.reason == f"the subject has no {unsupported}"


def test_a_figure_relative_to_another_phase() -> None:
    """It is the ratio of both; without the other, or with 0 of it, unknown."""
    attempt = an_attempt(
        intervals=(an_interval(2.0), an_interval(9.0, phase="outage")), observations=reads(l1=1)
    )
    slower = Expectation(
        metric="avg_response_time_ms", phase="outage", relative_to_phase="load", at_most=4
    )
    assert judged(slower, attempt).actual == pytest.approx(4.5)
    assert judged(slower, attempt).verdict is Verdict.FAIL
    assert judged(slower, done(1.0)).verdict is Verdict.UNKNOWN
    errors = Expectation(metric="errors", phase="outage", relative_to_phase="load", at_most=4)
    assert judged(errors, attempt).verdict is Verdict.UNKNOWN


def test_counts_have_to_be_met_by_each_repeat() -> None:
    """The bound of a count is one repeat's, however many there are; the furthest is shown."""
    repeats = [done(*[1.0] * count, repeat=repeat) for repeat, count in enumerate((5, 5, 7))]
    equal = judged(Expectation(metric="operations", equals=5), *repeats)
    assert (equal.verdict, equal.actual) == (Verdict.FAIL, 7)
    assert judged(Expectation(metric="operations", at_most=7), *repeats).actual == 7
    assert judged(Expectation(metric="operations", at_least=5), *repeats).actual == 5
    assert judged(Expectation(metric="operations", equals=5), *repeats[:2]).verdict is Verdict.PASS


def test_a_count_that_one_repeat_did_not_see_is_unknown() -> None:
    """Two of three repeats are not all."""
    repeats = [done(1.0, repeat=0), an_attempt(repeat=1)]
    assert judged(Expectation(metric="errors", equals=0), *repeats).verdict is Verdict.UNKNOWN


def test_percentiles_are_judged_over_all_repeats() -> None:
    """One slow repeat of many operations is judged with the others, not by itself."""
    repeats = [done(*[1.0] * 98, repeat=0), done(50.0, 50.0, repeat=1)]
    judgement = judged(Expectation(metric="p95_response_time_ms", at_most=2), *repeats)
    assert judgement.verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("expectation", "said"),
    [
        (Expectation(metric="speed", at_least=1), "there is no metric 'speed'"),
        (Expectation(metric="operations"), "nobody promises anything of it"),
        (
            Expectation(metric="errors", phase="b", relative_to_phase="a"),
            "what is promised is not relative to phase a",
        ),
        (Expectation(metric="errors", equals=0, at_most=1), "only one of"),
        (Expectation(metric="hit_ratio", tier="l1", at_least=1), "not kept by operation or tier"),
    ],
)
def test_an_expectation_that_cannot_be_judged(expectation: Expectation, said: str) -> None:
    """It is unknown and says what is wrong with it; the others are judged all the same."""
    judgement = judged(expectation, done(1.0))
    assert judgement.verdict is Verdict.UNKNOWN
    assert said in judgement.reason


def test_without_a_bound_the_subjects_promise_is_judged() -> None:
    """The judgement shows the bound as it was resolved, and that it was promised."""
    expectation = Expectation(metric="max_response_time_ms")
    kept = judged(expectation, done(3.0, promises={"max_response_time_ms": 2000.0}))
    assert (kept.verdict, kept.bound) == (Verdict.PASS, "<= 2000, as promised")
    broken = judged(expectation, done(3.0, promises={"max_response_time_ms": 2.0}))
    assert (broken.verdict, broken.reason) == (Verdict.FAIL, "3 is not <= 2")


def test_what_nobody_promised_is_not_supported() -> None:
    """It counts nowhere; without any attempt it is not even known what was promised."""
    expectation = Expectation(metric="max_response_time_ms")
    judgement = judged(expectation, done(3.0, promises={"lost_writes": 0.0}))
    assert judgement.verdict is Verdict.NOT_SUPPORTED
    assert judgement.reason == "the subject promises nothing of max_response_time_ms"
    assert judgement.bound == "as promised"
    nothing = judged(expectation, shortfall="0 of 1 jobs were accepted (1 failed)")
    assert (nothing.verdict, nothing.reason) == (
        Verdict.UNKNOWN,
        "0 of 1 jobs were accepted (1 failed)",
    )


def test_a_promise_without_figures_is_unknown() -> None:
    """What was promised and not seen does not pass."""
    promised = an_attempt(promises={"time_to_recover_s": 2.0})
    judgement = judged(Expectation(metric="time_to_recover_s"), promised)
    assert (judgement.verdict, judgement.bound) == (Verdict.UNKNOWN, "<= 2, as promised")


@pytest.mark.parametrize(
    ("at_most", "verdict"),
    [(2.9, Verdict.FAIL), (3.0, Verdict.FAIL), (3.1, Verdict.UNKNOWN)],
)
def test_a_recovery_that_never_came_fails_where_there_was_time_for_it(
    at_most: float, verdict: Verdict
) -> None:
    """Three seconds without one break a bound of less, and say nothing of a longer one."""
    never = WindowFigure(window=0, name="unrecovered_s", value=3.0)
    attempt = an_attempt(
        fault_windows=(
            FaultWindow(kind="l2_kill", phase="load", requested_s=1, effective_s=1, cleared_s=2),
        ),
        window_figures=(never,),
    )
    judgement = judged(Expectation(metric="time_to_recover_s", at_most=at_most), attempt)
    assert judgement.verdict is verdict
    if verdict is Verdict.FAIL:
        assert judgement.actual == 3.0
        assert judgement.reason.startswith("no recovery was seen in the 3 s")


@pytest.mark.parametrize(
    ("bound", "verdict", "actual"),
    [
        ({"at_most": 5.0}, "fail", 10.0),
        ({"at_most": 10.0}, "unknown", None),
        ({"equals": 0.0}, "fail", 0.5),
    ],
)
def test_one_that_came_too_late_fails_beside_one_that_never_came(
    bound: dict[str, float], verdict: str, actual: float | None
) -> None:
    """Ten seconds break a bound of five, however little was seen of the other window."""
    seen = (*figures(0, recover_s=10.0), *figures(1, unrecovered_s=0.5))
    attempt = struck(fault_windows=(window(0), window(1, 20.0)), window_figures=seen)
    judgement = judged(Expectation(metric="time_to_recover_s", **bound), attempt)
    assert (judgement.verdict, judgement.actual) == (verdict, actual)


def test_where_no_recovery_could_have_been_seen_nothing_is_known() -> None:
    """A fault that ended with the load breaks no bound, not even that of 0."""
    attempt = struck(window_figures=figures(unrecovered_s=0.0))
    for bound in ({"at_most": 0.0}, {"equals": 0.0}):
        judgement = judged(Expectation(metric="time_to_recover_s", **bound), attempt)
        assert judgement.verdict is Verdict.UNKNOWN


def counts(**changes: int) -> JobCounts:
    """Two jobs that were accepted at once."""
    given = {"planned": 2, "accepted": 2, "attempts": 2, "failed": 0, "invalid": 0}
    return JobCounts(**{**given, **changes})


def verdict(*verdicts: Verdict, **changes: int) -> Verdict:
    """The verdict of a scenario with these verdicts on its expectations."""
    expectation = Expectation(metric="errors", equals=0)
    judgements = [Judgement(expectation=expectation, verdict=each, actual=0.0) for each in verdicts]
    return verdict_of(judgements, counts(**changes))


def test_a_scenario_is_as_good_as_its_worst_expectation() -> None:
    """A failure outweighs what is unknown, which outweighs what passed."""
    assert verdict(Verdict.PASS, Verdict.UNKNOWN, Verdict.FAIL) is Verdict.FAIL
    assert verdict(Verdict.PASS, Verdict.UNKNOWN) is Verdict.UNKNOWN
    assert verdict(Verdict.PASS, Verdict.NOT_SUPPORTED) is Verdict.PASS


def test_a_scenario_of_which_nothing_was_judged_is_unknown() -> None:
    """Neither no expectations at all nor ones that the subject can't meet make a success."""
    assert verdict() is Verdict.UNKNOWN
    assert verdict(Verdict.NOT_SUPPORTED) is Verdict.UNKNOWN
    assert verdict(Verdict.NOT_SUPPORTED, accepted=1, failed=1) is Verdict.FAIL


def test_a_figure_relative_to_nothing_is_unknown() -> None:
    """A phase without errors is nothing to compare errors with, and the reason says so."""
    both = an_attempt(
        intervals=(
            an_interval(1.0, phase="before"),
            an_interval(1.0, phase="after", outcome="TimeoutError"),
        )
    )
    judgement = judged(
        Expectation(metric="errors", phase="after", relative_to_phase="before", at_most=2), both
    )
    assert (judgement.verdict, judgement.actual) == (Verdict.UNKNOWN, None)
    assert judgement.reason == "the figure of phase before is 0"


def test_a_scenario_is_as_good_as_its_jobs() -> None:
    """A failed job fails it; an invalid or missing one leaves it unknown."""
    assert verdict(Verdict.PASS, accepted=1, failed=1) is Verdict.FAIL
    assert verdict(Verdict.PASS, accepted=1, invalid=1) is Verdict.UNKNOWN
    assert verdict(Verdict.PASS, accepted=1) is Verdict.UNKNOWN


def test_a_shortfall_says_what_became_of_the_jobs() -> None:
    """Failed, invalid and undone jobs are counted apart."""
    assert counts().shortfall is None
    short = counts(planned=9, accepted=4, failed=2, invalid=1).shortfall
    assert short == "4 of 9 jobs were accepted (2 failed, 1 invalid, 2 not done)"
