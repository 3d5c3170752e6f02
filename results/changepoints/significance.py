"""How sure a cut is: Student's t-test of both sides, corrected for every cut that was tried."""

from statistics import NormalDist

import numpy as np

from results import student
from results.changepoints.arrays import Floats, Integers

_NORMAL = NormalDist()


class Moments:
    """Sums of a series and of its squares, from which the means and spreads of stretches come.

    Args:
        values: The series, about 0.
        least_deviation: The smallest standard deviation that is believed.
    """

    def __init__(self, values: Floats, least_deviation: float) -> None:
        self._sums = np.concatenate(([0.0], np.cumsum(values)))
        self._squares = np.concatenate(([0.0], np.cumsum(values**2)))
        self._least_variance = least_deviation**2

    def t_statistic(self, first: Integers, cut: Integers, end: Integers) -> Floats:
        """Student's t of both sides of each cut, without its sign.

        Args:
            first: The first point of each interval.
            cut: The first point of its second part.
            end: The point after its last; its degrees of freedom are its points less 2.
        """
        apart = np.abs(self._mean(cut, end) - self._mean(first, cut))
        shares = 1 / (cut - first) + 1 / (end - cut)
        error = np.sqrt(self.variance(first, cut, end) * shares)
        t: Floats = np.divide(apart, error, out=np.zeros_like(apart), where=error > 0)
        return t

    def variance(self, first: Integers, cut: Integers, end: Integers) -> Floats:
        """The variance that both sides of each cut have together, each about its own mean."""
        squares = self._squares[end] - self._squares[first]
        before = self._mean(first, cut) ** 2 * (cut - first)
        after = self._mean(cut, end) ** 2 * (end - cut)
        degrees = np.maximum(end - first - 2, 1)
        variance: Floats = (squares - before - after) / degrees
        return np.maximum(variance, self._least_variance)

    def gain(self, first: Integers, cut: Integers, end: Integers) -> Floats:
        """By how much each cut lessens the sum of squares, but for a constant."""
        before = self._mean(first, cut) ** 2 * (cut - first)
        together: Floats = before + self._mean(cut, end) ** 2 * (end - cut)
        return together

    def _mean(self, first: Integers, end: Integers) -> Floats:
        mean: Floats = (self._sums[end] - self._sums[first]) / (end - first)
        return mean


def p_value(t: float, degrees: int, tried: int) -> float:
    """How probable such a t is among `tried` cuts, at most (Bonferroni's correction)."""
    return min(1.0, tried * student.two_sided(t, degrees))


def least_t(alpha: float, tried: int) -> float:
    """What no smaller t is significant with, whatever its degrees: the normal quantile."""
    return -_NORMAL.inv_cdf(alpha / tried / 2)
