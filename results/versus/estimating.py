"""Makes two sides' figures an estimate of how far they differ.

Samples are the repeats of one run against those of another, or the medians of runs where a side
has several. Sides that were measured together are paired: subjects of the same runs by repeat, and
runs that took turns by their order, which takes out what the machine did to both.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, variance

from results.versus.estimate import AS_IF_KNOWN, CONFIDENCE, Basis, Estimate, Scale, t_quantile
from results.versus.run_spread import Spread, run_to_run
from results.versus.side import Side, are_positive, in_turns, pairs_of_runs

_FEWEST = 2
_FEWEST_TURNS = 3
_COUNT_SPREAD = 0.5

Pairs = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known of a metric's spread beside the two sides' own figures.

    Args:
        history: Medians of the series' other runs, in their order.
        noise: Standard deviation of the log ratio of two repeats in the machine's A/A run.
        sampling: Standard error of the log ratio of two percentiles, from how many operations
            each stands on.
        is_count: Whether figures are whole numbers.
    """

    history: Sequence[float] = ()
    noise: Spread | None = None
    sampling: float | None = None
    is_count: bool = False


def estimate(a: Side, b: Side, around: Surroundings) -> Estimate:
    """How far B lies from A.

    Args:
        a: One side's figures.
        b: The other's.
        around: What else is known.
    """
    scale = Scale.LOG if are_positive(a.values, b.values) else Scale.PLAIN
    found = _paired(a, b, scale) or _apart(a, b, scale, around.history)
    if found.error is None and around.noise is not None and scale is Scale.LOG:
        found = _widened(found, around.noise.sigma, around.noise.degrees, Basis.NOISE)
    return _at_least_sampled(_at_least_counted(found, around), around)


def _paired(a: Side, b: Side, scale: Scale) -> Estimate | None:
    if a.run_ids == b.run_ids:
        return _of_pairs(pairs_of_runs(a, b), scale, Basis.PAIRS)
    turns = in_turns(a, b)
    return _of_pairs(turns, scale, Basis.TURNS) if len(turns) >= _FEWEST_TURNS else None


def _of_pairs(pairs: Pairs, scale: Scale, basis: Basis) -> Estimate | None:
    """Student's interval of the mean difference of pairs; nothing where there is no pair."""
    if not pairs:
        return None
    on = _onto(scale)
    differences = [on(of_b) - on(of_a) for of_a, of_b in pairs]
    number = len(pairs)
    spread = variance(differences) if number >= _FEWEST else None
    return _made(
        scale,
        [of_a for of_a, _ in pairs],
        [of_b for _, of_b in pairs],
        error=None if spread is None else math.sqrt(spread / number),
        degrees=number - 1,
        basis=basis,
    )


def _apart(a: Side, b: Side, scale: Scale, history: Sequence[float]) -> Estimate:
    several = max(len(a.runs), len(b.runs)) > 1
    of_a, of_b = (side.medians if several else side.values for side in (a, b))
    on = _onto(scale)
    within, degrees = _welch(list(map(on, of_a)), list(map(on, of_b)))
    basis = Basis.RUNS if several else Basis.REPEATS
    own = _made(scale, of_a, of_b, error=within, degrees=degrees, basis=basis)
    known = None
    if scale is Scale.PLAIN or are_positive(history):
        known = run_to_run([on(value) for value in history])
    if known is None:
        return own
    runs = len(a.runs), len(b.runs)
    error = math.sqrt(known.of_mean(runs[0]) + known.of_mean(runs[1]))
    return _at_least_history(own, error, known.degrees, runs)


def _welch(a: Sequence[float], b: Sequence[float]) -> tuple[float | None, int]:
    """Standard error and degrees of freedom of a difference of means (Welch 1947).

    Of a side with one sample nothing is known of its spread but the other side's (Student 1908).
    """
    if min(len(a), len(b)) < _FEWEST:
        many = max(a, b, key=len)
        if len(many) < _FEWEST:
            return None, 1
        return math.sqrt(variance(many) * (1 / len(a) + 1 / len(b))), len(many) - 1
    of_a, of_b = variance(a) / len(a), variance(b) / len(b)
    both = of_a + of_b
    if not both:
        return 0.0, len(a) + len(b) - 2
    below = of_a**2 / (len(a) - 1) + of_b**2 / (len(b) - 1)
    return math.sqrt(both), max(1, int(both**2 / below)) if below else 1


def _at_least_history(own: Estimate, error: float, degrees: int, runs: tuple[int, int]) -> Estimate:
    """No surer than how far runs lie from each other; runs of both sides tell of the same spread.

    The spread inside a run is another one than that between runs; it counts where it is larger.
    """
    if own.basis is Basis.RUNS and own.error is not None:
        return replace(own, error=max(own.error, error), degrees=own.degrees + degrees)
    if own.error is not None and own.error >= error:
        return own
    return replace(_widened(own, error, degrees, Basis.HISTORY), samples=runs)


def _at_least_counted(found: Estimate, around: Surroundings) -> Estimate:
    """Counts that happen to be equal do not say that they always are: give them half a count.

    Without that 0, 0, 0 against 1, 1, 1 would be as sure as a thousand repeats.
    """
    if found.error is None or not around.is_count or not found.change:
        return found
    sides = ((found.a, found.samples[0]), (found.b, found.samples[1]))
    of_scale = (1.0 if found.scale is Scale.PLAIN else mean for mean, _ in sides)
    squares = (
        (_COUNT_SPREAD / unit) ** 2 / number
        for unit, (_, number) in zip(of_scale, sides, strict=True)
    )
    return replace(found, error=max(found.error, math.sqrt(sum(squares))))


def _at_least_sampled(found: Estimate, around: Surroundings) -> Estimate:
    """No surer than a percentile of so many operations is; the wider interval counts."""
    if around.sampling is None or found.error is None or found.scale is Scale.PLAIN:
        return found
    reach = around.sampling * t_quantile((1 + CONFIDENCE) / 2, AS_IF_KNOWN)
    if reach <= (found.reach or 0.0):
        return found
    return _widened(found, around.sampling, AS_IF_KNOWN, Basis.OPERATIONS)


def _widened(found: Estimate, error: float, degrees: int, basis: Basis) -> Estimate:
    return replace(found, error=error, degrees=degrees, basis=basis)


def _made(
    scale: Scale,
    a: Sequence[float],
    b: Sequence[float],
    *,
    error: float | None,
    degrees: int,
    basis: Basis,
) -> Estimate:
    on = _onto(scale)
    mean_a, mean_b = (fmean(map(on, values)) for values in (a, b))
    back = math.exp if scale is Scale.LOG else float
    return Estimate(
        scale=scale,
        a=back(mean_a),
        b=back(mean_b),
        change=mean_b - mean_a,
        error=error,
        degrees=degrees,
        basis=basis,
        samples=(len(a), len(b)),
    )


def _onto(scale: Scale) -> Callable[[float], float]:
    return math.log if scale is Scale.LOG else float
