"""Expectations judged on merged figures, and the verdict of a scenario that follows from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from results.errors import InvalidExpectationError
from results.expectation import Expectation, Judgement, Verdict
from results.fault_metrics import longest_known_s, unrecovered_s
from results.figures import Figures
from results.judgeable import check_expectation
from results.metrics import METRICS
from results.promises import bounded, promise_of
from results.relative import (
    ALONE,
    NOTHING_SEEN,
    Surroundings,
    below_noise,
    figure_of,
    lacking,
    too_few_samples,
)


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
    if not expectation.promised:
        return _judge_bounded(expectation, figures, shortfall, around)
    if not figures.attempts:
        return _judged(expectation, Verdict.UNKNOWN, None, shortfall or NOTHING_SEEN)
    promise = promise_of(expectation.metric, figures)
    if promise is None:
        nothing = f"the subject promises nothing of {expectation.metric}"
        return _judged(expectation, Verdict.NOT_SUPPORTED, None, nothing)
    judged = _judge_bounded(bounded(expectation, promise), figures, shortfall, around)
    return replace(judged, promised=True)


def _judge_bounded(
    expectation: Expectation, figures: Figures, shortfall: str | None, around: Surroundings
) -> Judgement:
    late = _too_late(expectation, figures)
    if late is not None:
        late_s, reason = late
        return _judged(expectation, Verdict.FAIL, late_s, reason)
    actual, nothing = _actual(expectation, figures, around)
    doubt = None if actual is None else _doubt(expectation, actual, figures, around)
    if doubt is not None:
        return _judged(expectation, Verdict.UNKNOWN, actual, doubt)
    short = shortfall or _shortfall_of_other(expectation, around)
    judgement = judge_figure(expectation, actual, short or nothing)
    if judgement.verdict is Verdict.PASS and short is not None:
        return _judged(expectation, Verdict.UNKNOWN, actual, short)
    return judgement


def _too_late(expectation: Expectation, figures: Figures) -> tuple[float, str] | None:
    """A time to recover that breaks the bound although a window never did, and why it does."""
    bound_s = expectation.equals if expectation.at_most is None else expectation.at_most
    absolute = expectation.threshold == "absolute"
    if expectation.metric != "time_to_recover_s" or bound_s is None or not absolute:
        return None
    strikes = figures.strikes.of(expectation.phase)
    waited_s = unrecovered_s(strikes)
    if waited_s is None:
        return None
    if 0 < waited_s >= bound_s:
        return waited_s, f"no recovery was seen in the {waited_s:g} s in which one could have been"
    seen_s = longest_known_s(strikes, "recover_s")
    if seen_s is not None and seen_s > bound_s:
        return seen_s, f"{seen_s:g} is not {expectation.bound}"
    return None


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
