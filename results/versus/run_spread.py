"""How far one run's figure lies from the next one's where nothing was changed between them.

Repeats inside a run share the hour in which the machine was quick or slow; only other runs know
how far hours differ.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

FEWEST_RUNS = 5
_MOST_ALIKE = 0.9
_DISTANCES = (1, 2, 3)
_ENOUGH_FOR_ALL = 12
_MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, slots=True)
class Spread:
    """A standard deviation and the degrees of freedom that it is known with.

    `alike` is how much of it a run shares with the next one: their correlation, from 0 to below 1.
    """

    sigma: float
    degrees: int
    alike: float = 0.0

    def of_mean(self, runs: int) -> float:
        """The variance of the mean of so many runs in a row.

        Runs that share their hours count as fewer, but as one at least (the effective sample size
        of a first-order autoregressive process: Bayley and Hammersley, 1946).
        """
        shared = (1 + self.alike) / (1 - self.alike) / runs
        return self.sigma**2 * min(1.0, shared)


def run_to_run(values: Sequence[float]) -> Spread | None:
    """The spread of one run's figure, from the differences of runs that are near to each other.

    The median of the absolute differences is moved little by a step, which makes few large ones,
    and by outliers (von Neumann, 1941, on successive differences; Rousseeuw and Croux,
    "Alternatives to the median absolute deviation", 1993). A machine's hours wander: neighbours are
    more alike than runs further apart, so the largest of three distances counts where there are
    runs enough. The degrees of freedom are half the number of runs, and all of it where three
    distances count: the tails of a difference over this estimate are no wider, simulated with 5 to
    50 normal values (docs/decisions/0024).

    Args:
        values: Figures in the order of runs, on the scale on which sides are compared.

    Returns:
        None of fewer than five.
    """
    if len(values) < FEWEST_RUNS:
        return None
    number = len(values)
    if number < _ENOUGH_FOR_ALL:
        return Spread(_apart(values, 1), max(2, number // 2))
    near, *further = (_apart(values, distance) for distance in _DISTANCES)
    widest = max(near, *further)
    alike = 1 - (near / widest) ** 2 if widest else 0.0
    return Spread(widest, number, min(alike, _MOST_ALIKE))


def _apart(values: Sequence[float], distance: int) -> float:
    steps = (abs(b - a) for a, b in zip(values, values[distance:], strict=False))
    return _MAD_TO_SIGMA * median(steps) / math.sqrt(2)
