"""Whether the machine itself was another one for B than for A: its calibration says so."""

from collections.abc import Sequence
from statistics import median, variance

from results.versus.run_spread import FEWEST_RUNS

CALIBRATION = "calibration_loop_ms"
_SMALLEST = 0.05
_SIGMAS = 2.0


def times_slower(
    a: Sequence[float], b: Sequence[float], others: Sequence[float] = ()
) -> float | None:
    """How many times longer the calibration took for B, where that is more than chance.

    Args:
        a: A's figures of `calibration_loop_ms`, one a repeat; empty where it took none.
        b: B's.
        others: Those of the series' other runs, one a run. Hours as these had are known from how
            far runs of each metric lie apart.

    Returns:
        None where the medians lie within 5 % of each other, within twice the standard deviation
        that the figures of a side have, or where both are as five others or more have been.
    """
    if not a or not b or (_is_usual(median(a), others) and _is_usual(median(b), others)):
        return None
    ratio = median(b) / median(a)
    far = abs(median(b) - median(a)) > _SIGMAS * _pooled(a, b)
    return ratio if far and not 1 / (1 + _SMALLEST) <= ratio <= 1 + _SMALLEST else None


def _is_usual(value: float, others: Sequence[float]) -> bool:
    """Whether it lies among the others or near to them, their least and their greatest left out."""
    if len(others) < FEWEST_RUNS:
        return False
    among = sorted(others)[1:-1]
    return among[0] / (1 + _SMALLEST) <= value <= among[-1] * (1 + _SMALLEST)


def _pooled(a: Sequence[float], b: Sequence[float]) -> float:
    degrees = len(a) + len(b) - 2
    squares = (variance(side) * (len(side) - 1) for side in (a, b) if len(side) > 1)
    return float((sum(squares) / degrees) ** 0.5) if degrees else 0.0
