"""How far one run's figure lies from the next one's where nothing was changed between them.

Repeats inside a run share the hour in which the machine was quick or slow; only other runs know
how far hours differ.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

FEWEST_RUNS = 5
_FURTHEST = 3
_ENOUGH_FOR_ALL = 12
_MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, slots=True)
class Spread:
    """A standard deviation and the degrees of freedom that it is known with."""

    sigma: float
    degrees: int


def run_to_run(values: Sequence[float]) -> Spread | None:
    """The spread of one run's figure, from the differences of runs that are near to each other.

    The median of the absolute differences is moved little by a step, which makes few large ones,
    and by outliers (von Neumann, 1941, on successive differences; Rousseeuw and Croux,
    "Alternatives to the median absolute deviation", 1993). A machine's hours wander: neighbours are
    more alike than runs further apart, so the largest of three distances counts where there are
    runs enough. The degrees of freedom are half the number of runs: so wide are the tails of a
    difference over this estimate, simulated with 5 to 50 normal values (docs/decisions/0024).

    Args:
        values: Figures in the order of runs, on the scale on which sides are compared.

    Returns:
        None of fewer than five.
    """
    if len(values) < FEWEST_RUNS:
        return None
    furthest = _FURTHEST if len(values) >= _ENOUGH_FOR_ALL else 1
    sigma = max(_apart(values, distance) for distance in range(1, furthest + 1))
    return Spread(sigma, max(2, len(values) // 2))


def _apart(values: Sequence[float], distance: int) -> float:
    steps = (abs(b - a) for a, b in zip(values, values[distance:], strict=False))
    return _MAD_TO_SIGMA * median(steps) / math.sqrt(2)
