"""Student's t distribution: what confidence intervals and tests of few figures need.

The distribution function is the regularised incomplete beta function, as the continued fraction of
DLMF 8.17.22 evaluated by Lentz's method (Press et al., Numerical Recipes, 3rd edition, 6.4).
"""

import math

_TINY = 1e-300
_PRECISION = 1e-14
_MOST_TERMS = 1_000
_HALVINGS = 200


def quantile(probability: float, degrees: int) -> float:
    """The value that a t-distributed figure stays below with this probability.

    Args:
        probability: From 0.5 to below 1.
        degrees: Degrees of freedom, from 1.

    Raises:
        ValueError: An argument is out of range.
    """
    if not 0.5 <= probability < 1 or degrees < 1:  # noqa: PLR2004 - the upper half
        raise ValueError(f"no t quantile of {probability} with {degrees} degrees of freedom")
    low, high = 0.0, 1.0
    while probability_below(high, degrees) < probability:
        low, high = high, high * 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if probability_below(middle, degrees) < probability:
            low = middle
        else:
            high = middle
    return high


def probability_below(value: float, degrees: int) -> float:
    """How probable a t-distributed figure below `value` is, for values from 0."""
    beyond = _incomplete_beta(degrees / (degrees + value * value), degrees / 2, 0.5)
    return 1 - beyond / 2


def two_sided(value: float, degrees: int) -> float:
    """How probable a t-distributed figure is that lies at least as far from 0 as `value`.

    Unlike twice what `probability_below` leaves of 1 it is exact for the smallest probabilities.

    Args:
        value: The figure, of either sign.
        degrees: Degrees of freedom, from 1.
    """
    if math.isinf(value):
        return 0.0
    return _incomplete_beta(degrees / (degrees + value * value), degrees / 2, 0.5)


def _incomplete_beta(x: float, a: float, b: float) -> float:
    if x in (0.0, 1.0):
        return x
    if x > (a + 1) / (a + b + 2):
        # The fraction converges quickly on this side only.
        return 1 - _incomplete_beta(1 - x, b, a)
    log_beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    front = math.exp(a * math.log(x) + b * math.log1p(-x) - log_beta) / a
    return front * _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    value, above, below = 1.0, 1.0, 0.0
    for term in range(1, _MOST_TERMS):
        numerator = _numerator(term, x, a, b)
        below = 1 / _not_zero(1 + numerator * below)
        above = _not_zero(1 + numerator / above)
        value *= above * below
        if abs(above * below - 1) < _PRECISION:
            break
    return 1 / value if value else 0.0


def _numerator(term: int, x: float, a: float, b: float) -> float:
    half = term // 2
    if term % 2 == 0:
        return half * (b - half) * x / ((a + term - 1) * (a + term))
    return -(a + half) * (a + b + half) * x / ((a + term - 1) * (a + term))


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
