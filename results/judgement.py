"""Expectations judged on merged figures, and the verdict of a scenario that follows from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from results.errors import InvalidExpectationError
from results.expectation import Expectation, Judgement, Verdict
from results.figures import Figures
from results.metrics import METRICS
from results.relative import (
    ALONE,
    NOTHING_SEEN,
    TIMES_AND_RATES,
    Surroundings,
    below_noise,
    figure_of,
    lacking,
    scope_of,
    too_few_samples,
)
from results.scope import check_scope


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCounts:
    """What became of the jobs of one scenario on one subject; `attempts` counts all of theirs."""

    planned: int
    accepted: int
    attempts: int
    failed: int
    invalid: int

    @property
    def shortfall(self) -> str | None:
        """Why the figures are not all that was planned; None where they are."""
        if self.accepted == self.planned:
            return None
        missing = self.planned - self.accepted - self.failed - self.invalid
        kinds = (("failed", self.failed), ("invalid", self.invalid), ("not done", missing))
        told = ", ".join(f"{count} {kind}" for kind, count in kinds if count)
        return f"{self.accepted} of {self.planned} jobs were accepted ({told})"


def check_expectation(expectation: Expectation) -> None:
    """Refuse an expectation that could never be judged.

    Raises:
        InvalidExpectationError: Its metric is unknown or not kept by operation or tier, it has not
            exactly one bound, or it is relative to several things or to what can't be compared.
    """
    if expectation.metric not in METRICS:
        raise InvalidExpectationError(f"there is no metric {expectation.metric!r}")
    bounds = (expectation.at_least, expectation.at_most, expectation.equals)
    if sum(bound is not None for bound in bounds) != 1:
        raise InvalidExpectationError(
            f"{expectation.metric} needs exactly one of at_least, at_most and equals"
        )
    check_scope(expectation.metric, scope_of(expectation))
    _check_relation(expectation)


def _check_relation(expectation: Expectation) -> None:
    relations = (
        expectation.relative_to_phase,
        expectation.relative_to_subject,
        expectation.relative_to_calibration,
    )
    if sum(relation is not None for relation in relations) > 1:
        raise InvalidExpectationError(
            f"{expectation.metric} can be relative to one thing only: a phase, a subject or the "
            "calibration"
        )
    unit = METRICS[expectation.metric].unit
    if expectation.relative_to_calibration is not None and unit not in TIMES_AND_RATES:
        raise InvalidExpectationError(
            f"{expectation.metric} is neither a time nor a rate; only these are relative to the "
            "calibration"
        )


def judge(
    expectations: Iterable[Expectation],
    figures: Figures,
    shortfall: str | None,
    around: Surroundings = ALONE,
) -> tuple[Judgement, ...]:
    """Judge a scenario's expectations, each once.

    What adds up over repeats (counts, times) has to be met by each repeat; the figure furthest
    from the bound is the actual one. All else is judged on the figures merged over repeats.

    Args:
        expectations: The scenario's expectations.
        figures: All its accepted attempts on one subject.
        shortfall: Why jobs are missing; nothing can pass then.
        around: What is known beside these figures.
    """
    return tuple(_judge(each, figures, shortfall, around) for each in expectations)


def judge_figure(expectation: Expectation, actual: float | None, nothing: str) -> Judgement:
    """Judge one figure that is at hand; where it is None the judgement is unknown with a reason."""
    if actual is None:
        return _judged(expectation, Verdict.UNKNOWN, None, nothing)
    if not expectation.met_by(actual):
        return _judged(expectation, Verdict.FAIL, actual, f"{actual:g} is not {expectation.bound}")
    return _judged(expectation, Verdict.PASS, actual, "")


def verdict_of(judgements: Iterable[Judgement], jobs: JobCounts) -> Verdict:
    """The verdict of one scenario on one subject; where nothing was judged it is unknown."""
    verdicts = {judgement.verdict for judgement in judgements}
    if Verdict.FAIL in verdicts or jobs.failed:
        return Verdict.FAIL
    if Verdict.UNKNOWN in verdicts or jobs.shortfall is not None:
        return Verdict.UNKNOWN
    return Verdict.PASS if Verdict.PASS in verdicts else Verdict.UNKNOWN


def _judge(
    expectation: Expectation, figures: Figures, shortfall: str | None, around: Surroundings
) -> Judgement:
    try:
        check_expectation(expectation)
    except InvalidExpectationError as error:
        return _judged(expectation, Verdict.UNKNOWN, None, str(error))
    lacks = lacking(expectation, figures)
    if lacks is not None:
        return _judged(expectation, Verdict.NOT_SUPPORTED, None, f"the subject has no {lacks}")
    actual, nothing = _actual(expectation, figures, around)
    doubt = None if actual is None else _doubt(expectation, actual, figures, around)
    if doubt is not None:
        return _judged(expectation, Verdict.UNKNOWN, actual, doubt)
    short = shortfall or _shortfall_of_other(expectation, around)
    judgement = judge_figure(expectation, actual, short or nothing)
    if judgement.verdict is Verdict.PASS and short is not None:
        return _judged(expectation, Verdict.UNKNOWN, actual, short)
    return judgement


def _doubt(
    expectation: Expectation, actual: float, figures: Figures, around: Surroundings
) -> str | None:
    return too_few_samples(expectation, figures, around) or below_noise(
        expectation, actual, figures, around
    )


def _shortfall_of_other(expectation: Expectation, around: Surroundings) -> str | None:
    compared = around.subjects.get(expectation.relative_to_subject or "")
    if compared is None or compared.shortfall is None:
        return None
    return f"subject {expectation.relative_to_subject}: {compared.shortfall}"


def _judged(
    expectation: Expectation, verdict: Verdict, actual: float | None, reason: str
) -> Judgement:
    return Judgement(expectation=expectation, verdict=verdict, actual=actual, reason=reason)


def _actual(
    expectation: Expectation, figures: Figures, around: Surroundings
) -> tuple[float | None, str]:
    # What is relative to a phase or to a subject is divided by what adds up as well.
    by_repeat = (
        METRICS[expectation.metric].adds_up
        and expectation.relative_to_phase is None
        and expectation.relative_to_subject is None
    )
    if not by_repeat or not figures.repeats:
        return figure_of(expectation, figures, around)
    values = [figure_of(expectation, each, around)[0] for each in figures.by_repeat.values()]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None, figure_of(expectation, figures, around)[1] or NOTHING_SEEN
    return _furthest(expectation, known), ""


def _furthest(expectation: Expectation, values: Sequence[float]) -> float:
    if expectation.at_least is not None:
        return min(values)
    if expectation.at_most is not None:
        return max(values)
    target = expectation.equals or 0.0
    return max(values, key=lambda value: abs(value - target))
