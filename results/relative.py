"""What a relative expectation's figure is divided by, and whether its bound can be told from 1."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from results.expectation import Expectation
from results.figures import Figures
from results.metrics import METRICS
from results.samples import too_few
from results.scope import Scope
from results.summary import metric_value

NOTHING_SEEN = "nothing was seen that it could be judged on"
_RATE = "ops/s"
_MS_BY_UNIT = {"ms": 1.0, "s": 1000.0, "us": 0.001, _RATE: 1000.0}

TIMES_AND_RATES = tuple(_MS_BY_UNIT)
"""Units of the metrics that a calibration says something about."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A subject that others are judged relative to; `shortfall` says why its jobs are not all."""

    figures: Figures
    shortfall: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known beside one subject's own figures.

    Args:
        subjects: Every subject of the same scenario in the run, by name.
        noise: Gives the smallest change, as a share, that this machine can see of each metric, for
            the figures at hand.
    """

    subjects: Mapping[str, Compared] = field(default_factory=dict)
    noise: Callable[[Figures], Mapping[str, float]] = lambda _: {}


ALONE = Surroundings()


def figure_of(
    expectation: Expectation, figures: Figures, around: Surroundings
) -> tuple[float | None, str]:
    """The figure that an expectation is judged on: a ratio where it is a relative one.

    Returns:
        The figure and "", or None and why there is none.
    """
    value = metric_value(expectation.metric, figures, scope_of(expectation))
    if value is None:
        return None, NOTHING_SEEN
    if expectation.threshold == "absolute":
        return value, ""
    base, name = _base(expectation, figures, around)
    if not base:
        return None, f"the figure of {name} is 0" if base == 0 else f"there is no figure of {name}"
    return value / base / _repeats_of_one(expectation, figures, around), ""


def _repeats_of_one(expectation: Expectation, figures: Figures, around: Surroundings) -> float:
    """By how much more repeats a figure that adds up stands on than what it is divided by."""
    other = around.subjects.get(expectation.relative_to_subject or "")
    if other is None or not METRICS[expectation.metric].adds_up:
        return 1.0
    return len(figures.repeats) / len(other.figures.repeats)


def scope_of(expectation: Expectation) -> Scope:
    """What an expectation is about."""
    return Scope(expectation.phase, expectation.operation, expectation.tier)


def lacking(expectation: Expectation, figures: Figures) -> str | None:
    """What an expectation is about that the subject lacks; None where it lacks nothing of it."""
    metric = METRICS[expectation.metric]
    base = "l2" if expectation.relative_to_calibration == "ping" else None
    asked = (metric.name, expectation.tier, metric.tier, expectation.operation, base)
    phases = (expectation.phase, expectation.relative_to_phase)
    unsupported = figures.unsupported
    lacks = next((name for name in asked if name in unsupported), None)
    skipped = (f"phase {phase}" for phase in phases if phase is not None)
    return lacks or next((name for name in skipped if name in unsupported), None)


def too_few_samples(expectation: Expectation, figures: Figures, around: Surroundings) -> str | None:
    """Why the samples of a percentile, or of the one it is relative to, can't be judged."""
    own = too_few(expectation.metric, figures, scope_of(expectation))
    if own is not None:
        return own
    base = None
    other = around.subjects.get(expectation.relative_to_subject or "")
    if expectation.relative_to_phase is not None:
        base = too_few(expectation.metric, figures, _in_other_phase(expectation))
    elif other is not None:
        base = too_few(expectation.metric, other.figures, scope_of(expectation))
    return None if base is None else f"{expectation.threshold}: {base}"


def below_noise(
    expectation: Expectation, actual: float, figures: Figures, around: Surroundings
) -> str | None:
    """Why a bound relative to another subject can't be judged on this machine; else None.

    A bound nearer to 1 than the machine's noise judges nothing but figures that lie further from
    it than the noise does.
    """
    bounds = (expectation.at_least, expectation.at_most, expectation.equals)
    bound = next((bound for bound in bounds if bound is not None), 0)
    if expectation.relative_to_subject is None or bound <= 0:
        return None
    change = around.noise(figures).get(expectation.metric, 0.0)
    noise = math.log1p(change)
    if abs(math.log(bound)) >= noise or actual <= 0 or abs(math.log(actual / bound)) >= noise:
        return None
    return f"below this machine's noise of {100 * change:.2g} %"


def _base(
    expectation: Expectation, figures: Figures, around: Surroundings
) -> tuple[float | None, str]:
    if expectation.relative_to_phase is not None:
        scope = _in_other_phase(expectation)
        return metric_value(expectation.metric, figures, scope), f"phase {scope.phase}"
    if expectation.relative_to_subject is not None:
        return _of_subject(expectation, around)
    return _of_calibration(expectation, figures)


def _in_other_phase(expectation: Expectation) -> Scope:
    return Scope(expectation.relative_to_phase, expectation.operation, expectation.tier)


def _of_subject(expectation: Expectation, around: Surroundings) -> tuple[float | None, str]:
    name = f"subject {expectation.relative_to_subject}"
    compared = around.subjects.get(expectation.relative_to_subject or "")
    if compared is None:
        return None, f"{name}: it is not in this run"
    lacks = lacking(expectation, compared.figures)
    if lacks is not None:
        return None, f"{name}: it has no {lacks}"
    return metric_value(expectation.metric, compared.figures, scope_of(expectation)), name


def _of_calibration(expectation: Expectation, figures: Figures) -> tuple[float | None, str]:
    kind = expectation.relative_to_calibration
    unit = METRICS[expectation.metric].unit
    time_ms = metric_value(f"calibration_{kind}_ms", figures)
    if not time_ms:
        return time_ms, f"the calibration {kind}"
    in_unit = time_ms / _MS_BY_UNIT[unit]
    return 1 / in_unit if unit == _RATE else in_unit, f"the calibration {kind}"
