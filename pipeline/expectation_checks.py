"""What must hold within an expectation, and between it and its scenario."""

from collections.abc import Iterator
from typing import get_args

from pipeline import subjects
from pipeline.load import Operation
from pipeline.nearest import suggest
from pipeline.scenario import Scenario
from results.expectation import Expectation
from results.metrics import METRICS, Direction, Source

TIERS = ("l1", "l2", "l3", "origin", "miss")
RELATIONS = ("relative_to_phase", "relative_to_subject", "relative_to_calibration")

TIMES_AND_RATES = ("ms", "s", "us", "ops/s")
"""Units of the metrics that the speed of a machine says something about."""


def problems(scenario: Scenario, expected: Expectation, where: str) -> Iterator[str]:
    """One line for each thing that is wrong, `KEY.PATH: ...`.

    Args:
        scenario: Whose figures are judged.
        expected: What they are held to.
        where: The keys that lead to it.
    """
    metric = METRICS.get(expected.metric)
    if metric is None:
        near = suggest(expected.metric, METRICS)
        yield f"{where}.metric: no metric is called {expected.metric}{near}"
    elif metric.source is not Source.INTERVALS and (expected.operation or expected.tier):
        yield f"{where}: {metric.name} is not kept by operation or tier"
    yield from _known(scenario, expected, where)
    yield from _relation(expected, where)
    bounds = (expected.at_least, expected.at_most, expected.equals)
    given = sum(bound is not None for bound in bounds)
    if given > 1:
        yield f"{where}: expected at most one of at_least, at_most and equals"
    elif not given:
        yield from _promised(expected, where)


def _promised(expected: Expectation, where: str) -> Iterator[str]:
    """Without a bound it is judged by what the subject promises: the most, or the least."""
    metric = METRICS.get(expected.metric)
    if metric is not None and metric.direction is Direction.NEITHER:
        yield (
            f"{where}: expected one of at_least, at_most and equals; "
            f"nobody promises anything of {metric.name}"
        )
    elif any(getattr(expected, name) is not None for name in RELATIONS):
        yield f"{where}: what is relative needs one of at_least, at_most and equals"


def _relation(expected: Expectation, where: str) -> Iterator[str]:
    given = [name for name in RELATIONS if getattr(expected, name) is not None]
    if len(given) > 1:
        yield f"{where}: expected at most one of {', '.join(given)}"
    if expected.relative_to_phase is not None and expected.phase is None:
        yield f"{where}: relative_to_phase needs phase"
    metric = METRICS.get(expected.metric)
    if not expected.relative_to_calibration or metric is None:
        return
    if metric.unit not in TIMES_AND_RATES:
        yield (
            f"{where}.relative_to_calibration: needs a metric in {', '.join(TIMES_AND_RATES)}; "
            f"{metric.name} is a {metric.unit}"
        )


def _known(scenario: Scenario, expected: Expectation, where: str) -> Iterator[str]:
    phases = tuple(phase.name for phase in scenario.phases)
    for key, what, name, known in (
        ("phase", "phase", expected.phase, phases),
        ("relative_to_phase", "phase", expected.relative_to_phase, phases),
        ("relative_to_subject", "subject", _installed(expected), subjects.names()),
        ("operation", "operation", expected.operation, get_args(Operation)),
        ("tier", "tier", expected.tier, TIERS),
    ):
        if name is not None and name not in known:
            yield f"{where}.{key}: no {what} is called {name}{suggest(name, known)}"


def _installed(expected: Expectation) -> str | None:
    """The subject that it names, unless that is the user's own as `package.module:factory`."""
    name = expected.relative_to_subject
    return None if name is None or ":" in name else name
