"""What must hold between the parts of a scenario, beyond what the type of each says."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import get_args

from pipeline.nearest import suggest
from pipeline.scenario import ClosedLoad, Operation, Phase, Scenario, ScenarioType
from results.expectation import Expectation
from results.metrics import METRICS, Source

TIERS = ("l1", "l2", "l3", "origin", "miss")
RESERVED_SUITES = (*get_args(ScenarioType), "all")


def problems(scenario: Scenario) -> Iterator[str]:
    """One line for each thing that is wrong, `KEY.PATH: ...`."""
    yield from _names(scenario)
    for number, phase in enumerate(scenario.phases):
        where = f"phases.{number}"
        if isinstance(phase.load, ClosedLoad):
            yield from _ends(phase.load, f"{where}.load")
        yield from _faults(scenario, phase, where)
    for number, expectation in enumerate(scenario.expectations):
        yield from _expectation(scenario, expectation, f"expectations.{number}")


def _names(scenario: Scenario) -> Iterator[str]:
    for name, count in Counter(phase.name for phase in scenario.phases).items():
        if count > 1:
            yield f"phases: {count} phases are called {name}; a name may occur once"
    for suite in scenario.suites:
        if suite in RESERVED_SUITES:
            yield f"suites: {suite} follows from the type and is not listed"
    if all(phase.warmup for phase in scenario.phases):
        yield "phases: every phase is a warm-up; nothing would be measured"


def _ends(load: ClosedLoad, where: str) -> Iterator[str]:
    if (load.operations is None) == (load.duration_s is None):
        yield f"{where}: expected exactly one of operations and duration_s"
    if not load.mix:
        yield f"{where}.mix: expected at least one operation"


def _faults(scenario: Scenario, phase: Phase, where: str) -> Iterator[str]:
    if not phase.faults:
        return
    if scenario.l2_server != "own":
        yield f'{where}.faults: need l2_server = "own"; a server that others use is never broken'
    if scenario.subject.enable_l2 is False or scenario.subject.preset == "l2_disabled":
        yield f"{where}.faults: break L2, but the subject has none"
    duration_s = phase.load.duration_s if isinstance(phase.load, ClosedLoad) else None
    if duration_s is None:
        yield f"{where}.faults: need a closed load with duration_s"
        return
    for number, fault in enumerate(phase.faults):
        end_s = fault.at_s + fault.duration_s
        if end_s > duration_s:
            yield (
                f"{where}.faults.{number}: expected to end within the phase's "
                f"{duration_s:g} s, got {end_s:g} s"
            )
    windows = sorted((fault.at_s, fault.at_s + fault.duration_s) for fault in phase.faults)
    if any(start < end for (_, end), (start, _) in pairwise(windows)):
        yield f"{where}.faults: overlap; each is undone before the next begins"


def _expectation(scenario: Scenario, expected: Expectation, where: str) -> Iterator[str]:
    metric = METRICS.get(expected.metric)
    if metric is None:
        near = suggest(expected.metric, METRICS)
        yield f"{where}.metric: no metric is called {expected.metric}{near}"
    elif metric.source is not Source.INTERVALS and (expected.operation or expected.tier):
        yield f"{where}: {metric.name} is not kept by operation or tier"
    yield from _known(scenario, expected, where)
    bounds = (expected.at_least, expected.at_most, expected.equals)
    if sum(bound is not None for bound in bounds) != 1:
        yield f"{where}: expected exactly one of at_least, at_most and equals"
    if expected.relative_to_phase is not None and expected.phase is None:
        yield f"{where}: relative_to_phase needs phase"


def _known(scenario: Scenario, expected: Expectation, where: str) -> Iterator[str]:
    phases = tuple(phase.name for phase in scenario.phases)
    for key, what, name, known in (
        ("phase", "phase", expected.phase, phases),
        ("relative_to_phase", "phase", expected.relative_to_phase, phases),
        ("operation", "operation", expected.operation, get_args(Operation)),
        ("tier", "tier", expected.tier, TIERS),
    ):
        if name is not None and name not in known:
            yield f"{where}.{key}: no {what} is called {name}{suggest(name, known)}"
