"""Series of which it is known where they change, to judge by how well that is found.

Noise is independent, normal and in proportion to the level. Steps go up as often as down. Drifts,
bimodal and cyclic series have no single right answer; they show what a search makes of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LENGTH: Final = 200
MENDED_AFTER: Final = 20
STEPS: Final = (0.02, 0.05, 0.10, 0.20)
NOISES: Final = (0.01, 0.03, 0.05)
OUTLIER_SHARE: Final = 0.02

_LEVEL: Final = 100.0
_FROM_ENDS: Final = 20


@dataclass(frozen=True, slots=True)
class Labelled:
    """A series, and the first point after each of its changes."""

    values: Floats
    changes: tuple[int, ...] = ()


Maker = Callable[[np.random.Generator], Labelled]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Series of one kind.

    Args:
        name: What people call it.
        make: Makes one.
        labelled: Whether there is a right answer.
        grows: Whether it is asked how soon its change is found as points come one by one.
    """

    name: str
    make: Maker
    labelled: bool = True
    grows: bool = False

    def series(self, count: int, seed: int = 0) -> Iterator[Labelled]:
        """So many of them, each with a seed of its own."""
        return (self.make(np.random.default_rng((seed, number))) for number in range(count))


def step(
    numbers: np.random.Generator,
    size: float,
    noise: float,
    *,
    outliers: bool = False,
    length: int = LENGTH,
) -> Labelled:
    """A series with one step of that share, at least 20 points from both ends."""
    at = int(numbers.integers(_FROM_ENDS, length - _FROM_ENDS + 1))
    levels = np.where(np.arange(length) < at, 1.0, _factor(numbers, size))
    return Labelled(_noisy(numbers, levels, noise, outliers=outliers), (at,))


def mended(
    numbers: np.random.Generator, size: float, noise: float, *, outliers: bool = False
) -> Labelled:
    """A series with a step that is taken back 20 points later."""
    at = int(numbers.integers(_FROM_ENDS, LENGTH - MENDED_AFTER - _FROM_ENDS + 1))
    where = np.arange(LENGTH)
    other = (where >= at) & (where < at + MENDED_AFTER)
    levels = np.where(other, _factor(numbers, size), 1.0)
    return Labelled(_noisy(numbers, levels, noise, outliers=outliers), (at, at + MENDED_AFTER))


def unchanged(
    numbers: np.random.Generator, noise: float, *, outliers: bool = False, length: int = LENGTH
) -> Labelled:
    """A series on one level."""
    return Labelled(_noisy(numbers, np.ones(length), noise, outliers=outliers))


def drifting(numbers: np.random.Generator, size: float, noise: float) -> Labelled:
    """A series that comes to its new level point by point."""
    levels = np.linspace(1.0, _factor(numbers, size), LENGTH)
    return Labelled(_noisy(numbers, levels, noise))


def bimodal(numbers: np.random.Generator, size: float, noise: float) -> Labelled:
    """A series whose points lie on one of two levels at random, three in ten on the upper one."""
    upper = numbers.random(LENGTH) < 0.3
    return Labelled(_noisy(numbers, np.where(upper, 1 + size, 1.0), noise))


def cyclic(numbers: np.random.Generator, size: float, noise: float, period: int = 7) -> Labelled:
    """A series that goes up and down with a period, as a week does."""
    phase = numbers.random() * 2 * np.pi
    levels = 1 + size / 2 * np.sin(2 * np.pi * np.arange(LENGTH) / period + phase)
    return Labelled(_noisy(numbers, levels, noise))


def kinds() -> Iterator[Kind]:
    """Every kind: what has a right answer first."""
    for noise in NOISES:
        for outliers in (False, True):
            rest = f"noise {noise:.0%}{', outliers' if outliers else ''}"
            yield Kind(
                name=f"unchanged, {rest}", make=partial(unchanged, noise=noise, outliers=outliers)
            )
            for size in STEPS:
                made = partial(step, size=size, noise=noise, outliers=outliers)
                yield Kind(name=f"step {size:.0%}, {rest}", make=made, grows=True)
    for noise in NOISES:
        made = partial(mended, size=0.1, noise=noise)
        yield Kind(name=f"step 10% mended, noise {noise:.0%}", make=made)
    for name, maker in (("drift", drifting), ("bimodal", bimodal), ("cycle", cyclic)):
        made = partial(maker, size=0.1, noise=0.03)
        yield Kind(name=f"{name} 10%, noise 3%", make=made, labelled=False)
    slow = partial(cyclic, size=0.1, noise=0.03, period=50)
    yield Kind(name="slow cycle 10%, noise 3%", make=slow, labelled=False)


def _factor(numbers: np.random.Generator, size: float) -> float:
    return 1 + size if numbers.random() < 0.5 else 1 - size


def _noisy(
    numbers: np.random.Generator, levels: Floats, noise: float, *, outliers: bool = False
) -> Floats:
    values = _LEVEL * levels * (1 + noise * numbers.standard_normal(len(levels)))
    if outliers:
        odd = numbers.random(len(levels)) < OUTLIER_SHARE
        values = np.where(odd, values * numbers.uniform(1.3, 3.0, len(levels)), values)
    return values
