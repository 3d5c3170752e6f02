"""Whether a candidate may be merged: each headline metric held against a largest regression.

Regressed is what is surely worse (its one-sided p, corrected for all metrics, is 0.05 or less) and
whose best estimate lies beyond the threshold: a false alarm on unchanged code needs both. Passed is
what lies within the threshold with its whole 95 % interval; that all have to needs no correction
(Berger, "Multiparameter hypothesis testing and acceptance sampling", 1982). All else is unknown.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from results.metrics import Direction
from results.relative import TIMES_AND_RATES
from results.versus.comparison import (
    Comparison,
    Finding,
    can_differ,
    corrected_for_many,
)
from results.versus.estimate import CONFIDENCE, Estimate, Scale
from results.versus.headline import PROMISES, rank
from results.versus.needed import needed_in_words, smallest_seen
from results.versus.question import Question
from results.versus.verdicts import of_machine, without_more_work, worsening

DEFAULT_REGRESSION = 0.05
_ALPHA = 1 - CONFIDENCE


class GateVerdict(StrEnum):
    """What the gate says of a metric, and of all of them."""

    REGRESSED = "regressed"
    UNKNOWN = "unknown"
    PASSED = "passed"


_ORDER = tuple(GateVerdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """A metric that was held against the threshold, and why it is `unknown` where it is."""

    finding: Finding
    verdict: GateVerdict
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """What the gate found, what matters most first.

    Args:
        metrics: Each metric that was judged.
        max_regression: The threshold, as a share.
        lost: Metrics that the candidate has no figure of where it measured the same: it may never
            have recovered, so that there is no time to recover.
    """

    metrics: tuple[Gated, ...]
    max_regression: float
    lost: tuple[str, ...] = ()

    @property
    def verdict(self) -> GateVerdict:
        """The verdict on all: the worst of them, `unknown` where nothing was judged."""
        found = {each.verdict for each in self.metrics}
        if self.lost or not found:
            found.add(GateVerdict.UNKNOWN)
        return next(verdict for verdict in _ORDER if verdict in found)

    @property
    def lost_line(self) -> str:
        """What the candidate lacks a figure of, as a line; empty where it lacks nothing."""
        if not self.lost:
            return ""
        return (
            f"{', '.join(self.lost)}: the candidate has no such figure, though it measured the "
            "same; what never recovered has no time to recover"
        )

    def having(self, verdict: GateVerdict) -> tuple[Gated, ...]:
        """The metrics with this verdict."""
        return tuple(each for each in self.metrics if each.verdict is verdict)


def gate(comparison: Comparison, max_regression: float, lost: tuple[str, ...] = ()) -> GateResult:
    """Hold every metric that has a better direction against the threshold.

    Args:
        comparison: Of the baseline (A) with the candidate (B), over nothing but what is gated.
        max_regression: A share: 0.05 is 5 %.
        lost: Metrics that only the baseline has a figure of.
    """
    findings = [each for each in comparison.findings if each.verdict is not None]
    left = [without_more_work(each.found, each.question) for each in findings]
    corrected = corrected_for_many([_one_sided(*pair) for pair in zip(findings, left, strict=True)])
    judged = [
        _gated(finding, found, p, max_regression, comparison.limits.machine)
        for finding, found, p in zip(findings, left, corrected, strict=True)
    ]
    metrics = tuple(sorted(judged, key=_place))
    return GateResult(metrics=metrics, max_regression=max_regression, lost=lost)


def threshold(question: Question, found: Estimate, share: float) -> float:
    """How much worse a figure may be, on the estimate's scale.

    A count of what should never be may not rise from 0 at all.
    """
    if question.name in PROMISES and found.a == 0:
        return 0.0
    if question.metric.direction is Direction.HIGHER and found.scale is Scale.LOG:
        return -math.log1p(-share)
    return found.distance(share)


def _one_sided(finding: Finding, found: Estimate) -> tuple[str, float | None] | None:
    """The p of being worse: nobody asks the gate whether something is better."""
    question = finding.question
    if not can_differ(question, found):
        return None
    if found.p is None:
        return question.name, None
    return question.name, found.p / 2 if worsening(question, found) > 0 else 1 - found.p / 2


def _gated(
    finding: Finding, found: Estimate, p: float | None, share: float, machine: float | None
) -> Gated:
    question = finding.question
    if machine is not None and question.metric.unit in TIMES_AND_RATES:
        reason = of_machine(machine)
        return Gated(finding=finding, verdict=GateVerdict.UNKNOWN, reason=reason)
    worse, allowed = worsening(question, found), threshold(question, found, share)
    sure = p is not None and p <= _ALPHA
    if sure and worse > allowed:
        return Gated(finding=finding, verdict=GateVerdict.REGRESSED)
    if found.reach is not None and worse + found.reach <= allowed:
        return Gated(finding=finding, verdict=GateVerdict.PASSED)
    reason = _why_unknown(found, allowed, share)
    return Gated(finding=finding, verdict=GateVerdict.UNKNOWN, reason=reason)


def _why_unknown(found: Estimate, allowed: float, share: float) -> str:
    if not allowed and found.error is not None:
        return "it rose from 0, and that may be chance: more repeats would tell"
    said = needed_in_words(found, allowed, share)
    seen = smallest_seen(found)
    if seen is None or seen <= share:
        return f"it lies too near to the threshold; {said}" if seen is not None else said
    return f"the noise hides changes below {100 * seen:.3g} %; {said}"


def _place(gated: Gated) -> tuple[int, int, float, str]:
    question = gated.finding.question
    order = _ORDER.index(gated.verdict)
    return order, rank(question.name), -gated.finding.size, question.place.scenario
