"""Expectations judged on merged figures, and the verdict of a scenario that follows from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from results.errors import InvalidExpectationError
from results.expectation import Expectation, Judgement, Verdict
from results.figures import Figures
from results.metrics import METRICS
from results.summary import Scope, check_scope, metric_value

_NOTHING_SEEN = "nothing was seen that it could be judged on"


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
        InvalidExpectationError: Its metric is unknown or not kept by operation or tier, or it has
            not exactly one bound.
    """
    if expectation.metric not in METRICS:
        raise InvalidExpectationError(f"there is no metric {expectation.metric!r}")
    bounds = (expectation.at_least, expectation.at_most, expectation.equals)
    if sum(bound is not None for bound in bounds) != 1:
        raise InvalidExpectationError(
            f"{expectation.metric} needs exactly one of at_least, at_most and equals"
        )
    check_scope(expectation.metric, _scope(expectation))


def judge(
    expectations: Iterable[Expectation], figures: Figures, shortfall: str | None
) -> tuple[Judgement, ...]:
    """Judge a scenario's expectations, each once.

    What adds up over repeats (counts, times) has to be met by each repeat; the figure furthest
    from the bound is the actual one. All else is judged on the figures merged over repeats.

    Args:
        expectations: The scenario's expectations.
        figures: All its accepted attempts on one subject.
        shortfall: Why jobs are missing; nothing can pass then.
    """
    repeats = [figures.of_repeat(repeat) for repeat in figures.repeats]
    return tuple(_judge(each, figures, repeats, shortfall) for each in expectations)


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
    expectation: Expectation, figures: Figures, repeats: Sequence[Figures], shortfall: str | None
) -> Judgement:
    try:
        check_expectation(expectation)
    except InvalidExpectationError as error:
        return _judged(expectation, Verdict.UNKNOWN, None, str(error))
    lacking = _lacking(expectation, figures)
    if lacking is not None:
        return _judged(expectation, Verdict.NOT_SUPPORTED, None, f"the subject has no {lacking}")
    actual = _actual(expectation, figures, repeats)
    judgement = judge_figure(expectation, actual, shortfall or _why_nothing(expectation))
    if judgement.verdict is Verdict.PASS and shortfall is not None:
        return _judged(expectation, Verdict.UNKNOWN, actual, shortfall)
    return judgement


def _judged(
    expectation: Expectation, verdict: Verdict, actual: float | None, reason: str
) -> Judgement:
    return Judgement(expectation=expectation, verdict=verdict, actual=actual, reason=reason)


def _lacking(expectation: Expectation, figures: Figures) -> str | None:
    asked = (expectation.metric, expectation.tier, METRICS[expectation.metric].tier)
    return next((name for name in asked if name in figures.unsupported), None)


def _actual(expectation: Expectation, figures: Figures, repeats: Sequence[Figures]) -> float | None:
    if expectation.relative_to_phase is not None or not METRICS[expectation.metric].adds_up:
        return _figure(expectation, figures)
    values = [_figure(expectation, repeat) for repeat in repeats]
    known = [value for value in values if value is not None]
    return _furthest(expectation, known) if known and len(known) == len(values) else None


def _figure(expectation: Expectation, figures: Figures) -> float | None:
    scope = _scope(expectation)
    value = metric_value(expectation.metric, figures, scope)
    if expectation.relative_to_phase is None or value is None:
        return value
    compared = Scope(expectation.relative_to_phase, scope.operation, scope.tier)
    base = metric_value(expectation.metric, figures, compared)
    return value / base if base else None


def _why_nothing(expectation: Expectation) -> str:
    if expectation.relative_to_phase is None:
        return _NOTHING_SEEN
    return f"{_NOTHING_SEEN}, or the figure of phase {expectation.relative_to_phase} is 0"


def _furthest(expectation: Expectation, values: Sequence[float]) -> float:
    if expectation.at_least is not None:
        return min(values)
    if expectation.at_most is not None:
        return max(values)
    target = expectation.equals or 0.0
    return max(values, key=lambda value: abs(value - target))


def _scope(expectation: Expectation) -> Scope:
    return Scope(expectation.phase, expectation.operation, expectation.tier)
