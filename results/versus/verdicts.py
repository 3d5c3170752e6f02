"""Better, worse, the same, or not to be told: what an estimate comes to."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from results.metrics import Direction
from results.relative import TIMES_AND_RATES
from results.versus.estimate import CONFIDENCE, Estimate, Scale
from results.versus.needed import needed_in_words
from results.versus.question import Question

_ALPHA = 1 - CONFIDENCE


class Verdict(StrEnum):
    """What is said of B beside A."""

    WORSE = "worse"
    BETTER = "better"
    UNKNOWN = "unknown"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From where a change matters, as shares: 0.05 is 5 %.

    Args:
        margin: Sides whose 95 % interval lies within so much are the same.
        smallest: No smaller change is better or worse, however sure it is.
        machine: How many times slower the machine itself was for B, where it was another machine
            for B than for A; None where it was not.
    """

    margin: float = 0.05
    smallest: float = 0.01
    machine: float | None = None


def without_more_work(found: Estimate, question: Question) -> Estimate:
    """The part of a count's change that is more than what B's number of operations explains.

    A quicker cache does more in the same time, and loads, writes and collects more while it does:
    what matters is the smaller of its change as a whole and of its change for each operation.
    """
    if found.scale is Scale.PLAIN or found.change * question.more_operations <= 0:
        return found
    left = max(abs(found.change) - abs(question.more_operations), 0.0)
    return replace(found, change=math.copysign(left, found.change))


def judge(
    question: Question, found: Estimate, p_adjusted: float, limits: Limits
) -> tuple[Verdict, str]:
    """The verdict on B, and why none is possible where it is `unknown`.

    Args:
        question: What is compared.
        found: By how much it differs.
        p_adjusted: Its p, corrected for all metrics of the comparison.
        limits: From where a change matters.
    """
    if limits.machine is not None and question.metric.unit in TIMES_AND_RATES:
        return Verdict.UNKNOWN, of_machine(limits.machine)
    matters = abs(found.change) >= found.distance(limits.smallest)
    if p_adjusted <= _ALPHA and matters and found.change:
        return (Verdict.WORSE if worsening(question, found) > 0 else Verdict.BETTER), ""
    margin = found.distance(limits.margin)
    interval = found.interval
    if interval is not None and -margin <= interval[0] and interval[1] <= margin:
        return Verdict.SAME, ""
    return Verdict.UNKNOWN, needed_in_words(found, margin, limits.margin)


def worsening(question: Question, found: Estimate) -> float:
    """The change on the estimate's scale, above 0 where B is worse."""
    return -found.change if question.metric.direction is Direction.HIGHER else found.change


def of_machine(ratio: float) -> str:
    """Why nothing can be said of times: `the machine itself was 1.4 times slower for B`."""
    if ratio >= 1:
        return f"the machine itself was {ratio:.2g} times slower for B"
    return f"the machine itself was {1 / ratio:.2g} times slower for A"
