"""How many repeats or runs a comparison would need to see a change of some size.

The inverse of `results.noise.smallest_change`: the number at which the smallest change that would
be detected, at 95 % confidence and 80 % power, is as small as wanted.
"""

import math
from bisect import bisect_left

from results.versus.estimate import CONFIDENCE, Basis, Estimate, Scale, t_quantile

POWER = 0.8
MOST = 1_000
_PAIRED = (Basis.PAIRS, Basis.TURNS)
_WORDS = {
    Basis.PAIRS: "repeats",
    Basis.TURNS: "runs on each side, by turns",
    Basis.RUNS: "runs on each side",
    Basis.HISTORY: "runs on each side",
    Basis.REPEATS: "repeats on each side",
    Basis.NOISE: "repeats on each side",
}


def smallest_seen(found: Estimate) -> float | None:
    """The smallest change, as a share, that so sure an estimate would show; None where unknown."""
    if found.error is None:
        return None
    seen = found.error * _times(found.degrees)
    if found.scale is Scale.LOG:
        return math.expm1(min(seen, 700.0))
    unit = found.distance(1.0)
    return seen / unit if unit else None


def needed(found: Estimate, distance: float) -> int | None:
    """The number of samples on each side with which a change so far from none would be seen.

    Args:
        found: What is known with the samples that there are.
        distance: On the estimate's scale, above 0.

    Returns:
        None where it is more than 1,000, or nothing is known of the spread.
    """
    if found.error is None or distance <= 0:
        return None
    paired = found.basis in _PAIRED
    sigma = found.error / math.sqrt(sum(1 / number for number in _counted(found)))

    def is_enough(number: int) -> bool:
        degrees = number - 1 if paired else 2 * number - 2
        error = sigma * math.sqrt((1 if paired else 2) / number)
        return error * _times(degrees) <= distance

    number = 2 + bisect_left(range(2, MOST + 1), True, key=is_enough)  # noqa: FBT003 - sought
    return number if number <= MOST else None


def needed_in_words(found: Estimate, distance: float, share: float) -> str:
    """Why a change can't be told, and what would tell it: `5 % would take 12 repeats`."""
    if found.error is None:
        return "one repeat each: run with --repeat 5"
    if found.basis is Basis.OPERATIONS:
        times = (found.error * _times(found.degrees) / distance) ** 2 if distance else math.inf
        more = f"{times:.0f} times as many" if times < MOST else "far more"
        return f"a change of {100 * share:g} % would take {more} operations"
    number = needed(found, distance)
    many = f"about {number}" if number else f"more than {MOST:,}"
    return f"a change of {100 * share:g} % would take {many} {_WORDS[found.basis]}"


def _counted(found: Estimate) -> tuple[int, ...]:
    return (found.samples[0],) if found.basis in _PAIRED else found.samples


def _times(degrees: int) -> float:
    return t_quantile((1 + CONFIDENCE) / 2, degrees) + t_quantile(POWER, degrees)
