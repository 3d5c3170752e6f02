"""Two sides compared as a whole: every metric judged, corrected for their number, and sorted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from results.versus import holm
from results.versus.effect import hedges_g
from results.versus.estimate import Basis, Estimate
from results.versus.estimating import estimate
from results.versus.headline import rank, weight
from results.versus.question import Question
from results.versus.side import pairs_of_runs
from results.versus.verdicts import Limits, Verdict, judge, without_more_work

_ORDER = (Verdict.WORSE, Verdict.BETTER, Verdict.UNKNOWN, Verdict.SAME, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a comparison found of one metric.

    Args:
        question: What was compared.
        found: By how much it differs.
        effect: Hedges' g; Cliff's delta of whole distributions; None where there is none.
        p_adjusted: p, corrected for all metrics of the comparison; None where nothing gives one.
        verdict: On B; None where no direction is better.
        reason: Why the verdict is `unknown`.
    """

    question: Question
    found: Estimate
    effect: float | None
    p_adjusted: float | None
    verdict: Verdict | None
    reason: str

    @property
    def size(self) -> float:
        """How large the change is, in doublings, to sort by."""
        unit = self.found.distance(1.0)
        return abs(self.found.change) / unit if unit else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All that was found, what matters most first."""

    findings: tuple[Finding, ...]
    limits: Limits

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many metrics have each verdict."""
        counted = Counter(each.verdict for each in self.findings)
        return {verdict: counted[verdict] for verdict in Verdict}


def compare(questions: Sequence[Question], limits: Limits) -> Comparison:
    """Judge metrics together.

    Args:
        questions: What is compared; those whose metrics have no better direction are estimated
            and not judged.
        limits: From where a change matters.
    """
    estimates = [estimate(each.a, each.b, each.around) for each in questions]
    left = [without_more_work(*pair) for pair in zip(estimates, questions, strict=True)]
    pairs = list(zip(questions, left, strict=True))
    corrected = corrected_for_many(
        [(each.name, part.p) if can_differ(each, part) else None for each, part in pairs]
    )
    findings = [
        _finding(question, found, part, p, limits)
        for question, found, part, p in zip(questions, estimates, left, corrected, strict=True)
    ]
    return Comparison(findings=tuple(sorted(findings, key=_place)), limits=limits)


def corrected_for_many(asked: Sequence[tuple[str, float | None] | None]) -> list[float | None]:
    """Each p, corrected by Holm over all of them.

    Args:
        asked: The metric and the p of each question; None of what takes no part.

    Returns:
        In the same order; None of what takes no part or has no p.
    """
    taking_part = [
        (place, each[1], weight(each[0]))
        for place, each in enumerate(asked)
        if each is not None and each[1] is not None
    ]
    adjusted = holm.adjusted([p for _, p, _ in taking_part], [each for *_, each in taking_part])
    by_place = {place: p for (place, *_), p in zip(taking_part, adjusted, strict=True)}
    return [by_place.get(place) for place in range(len(asked))]


def can_differ(question: Question, found: Estimate) -> bool:
    """Whether there is anything to test.

    What is the same figure in every repeat of both sides could not have differed, and is not
    corrected for (Tarone, "A modified Bonferroni method for discrete data", 1990).
    """
    return question.is_judged and bool(found.change or found.error)


def _finding(
    question: Question, found: Estimate, part: Estimate, p: float | None, limits: Limits
) -> Finding:
    verdict, reason = None, ""
    if question.is_judged:
        verdict, reason = judge(question, part, 1.0 if p is None else p, limits)
    return Finding(
        question=question,
        found=found,
        effect=_effect(question, found),
        p_adjusted=p,
        verdict=verdict,
        reason=reason,
    )


def _effect(question: Question, found: Estimate) -> float | None:
    if question.shift is not None:
        return question.shift.delta
    if found.basis is Basis.PAIRS:
        pairs = pairs_of_runs(question.a, question.b)
        return hedges_g([a for a, _ in pairs], [b for _, b in pairs])
    several = max(len(question.a.runs), len(question.b.runs)) > 1
    a, b = ((s.medians if several else s.values) for s in (question.a, question.b))
    return hedges_g(a, b)


def _place(finding: Finding) -> tuple[int, int, float, str, str]:
    place = finding.question.place
    return (
        _ORDER.index(finding.verdict),
        rank(finding.question.name),
        -finding.size,
        place.scenario,
        place.operation or "",
    )
