"""By how much a metric differs between two sides, and how sure that is."""

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from statistics import NormalDist

from results import student

CONFIDENCE = 0.95
AS_IF_KNOWN = 1_000
"""Degrees of freedom from which a standard error is taken as known exactly."""


class Scale(StrEnum):
    """On what sides are compared: logarithms, so that a half and a double lie equally far from 1.

    Where a figure is 0 or less there is no ratio, and plain differences are compared.
    """

    LOG = "log"
    PLAIN = "plain"


class Basis(StrEnum):
    """What the sureness of an estimate stands on."""

    PAIRS = "pairs of repeats"
    TURNS = "pairs of runs"
    RUNS = "runs"
    REPEATS = "repeats"
    HISTORY = "earlier runs"
    NOISE = "the machine's noise"
    OPERATIONS = "operations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A difference B - A with its standard error.

    Args:
        scale: On what it is taken.
        a: A's mean figure; the geometric one of logarithms.
        b: B's.
        change: The difference: ln(B / A) or B - A.
        error: Its standard error; None where nothing is known of it.
        degrees: Degrees of freedom of that.
        basis: What the error stands on.
        samples: How many samples each side has on that basis.
    """

    scale: Scale
    a: float
    b: float
    change: float
    error: float | None
    degrees: int
    basis: Basis
    samples: tuple[int, int]

    @property
    def p(self) -> float | None:
        """How often so large a difference comes up where there is none; two-sided."""
        if self.error is None:
            return None
        if not self.error:
            return 0.0 if self.change else 1.0
        return _beyond(abs(self.change) / self.error, self.degrees)

    @property
    def reach(self) -> float | None:
        """How far the 95 % interval reaches to either side."""
        if self.error is None:
            return None
        return self.error * t_quantile((1 + CONFIDENCE) / 2, self.degrees)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % confidence interval of `change`."""
        reach = self.reach
        return None if reach is None else (self.change - reach, self.change + reach)

    @property
    def ratio(self) -> float | None:
        """B / A; None where A is 0."""
        if self.scale is Scale.LOG:
            return math.exp(min(self.change, 700.0))
        return self.b / self.a if self.a > 0 else None

    @property
    def ratio_interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the ratio; None where sides are compared by differences."""
        if self.interval is None or self.scale is Scale.PLAIN:
            return None
        low, high = (math.exp(max(min(end, 700.0), -700.0)) for end in self.interval)
        return low, high

    def distance(self, share: float) -> float:
        """How far from no difference a change by this share of a figure lies.

        Of plain differences it is a share of the larger side's figure.
        """
        if self.scale is Scale.LOG:
            return math.log1p(share)
        return share * max(abs(self.a), abs(self.b))


@cache
def t_quantile(probability: float, degrees: int) -> float:
    """Student's t; where degrees are as good as infinitely many, the normal distribution's."""
    if degrees >= AS_IF_KNOWN:
        return NormalDist().inv_cdf(probability)
    return student.quantile(probability, degrees)


def _beyond(times: float, degrees: int) -> float:
    """How probable it is to be further from 0 to either side."""
    if degrees >= AS_IF_KNOWN:
        return math.erfc(times / math.sqrt(2))
    return 2 * (1 - student.probability_below(times, degrees))
