"""What must hold between the parts of a scenario, beyond what the type of each says."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import get_args

from pipeline import expectation_checks, load_checks
from pipeline.data import Sizes
from pipeline.load import ClosedLoad, OpenLoad, SearchLoad
from pipeline.nearest import suggest
from pipeline.scenario import HitRatioTarget, Phase, Scenario, ScenarioType
from pipeline.servers.base import L2_SETTINGS

RESERVED_SUITES = (*get_args(ScenarioType), "all")


def problems(scenario: Scenario) -> Iterator[str]:
    """One line for each thing that is wrong, `KEY.PATH: ...`."""
    yield from _names(scenario)
    yield from _workers(scenario)
    yield from _server(scenario)
    if scenario.data.sizes is not None:
        yield from _sizes(scenario.data.sizes)
    for number, phase in enumerate(scenario.phases):
        yield from _phase(scenario, phase, f"phases.{number}")
    for number, expectation in enumerate(scenario.expectations):
        where = f"expectations.{number}"
        yield from expectation_checks.problems(scenario, expectation, where)


def _names(scenario: Scenario) -> Iterator[str]:
    for name, count in Counter(phase.name for phase in scenario.phases).items():
        if count > 1:
            yield f"phases: {count} phases are called {name}; a name may occur once"
    for suite in scenario.suites:
        if suite in RESERVED_SUITES:
            yield f"suites: {suite} follows from the type and is not listed"
    if all(phase.warmup for phase in scenario.phases):
        yield "phases: every phase is a warm-up; nothing would be measured"


def _workers(scenario: Scenario) -> Iterator[str]:
    workers, writers = scenario.workers, scenario.writers
    if writers is not None and writers >= workers:
        yield f"writers: expected fewer than the {workers} workers, got {writers}"
    if workers > 1 and scenario.l2_server == "own":
        yield 'l2_server: expected "shared" for several workers; each would start one of its own'


def _server(scenario: Scenario) -> Iterator[str]:
    if scenario.l2_settings and scenario.l2_server != "own":
        yield 'l2_settings: need l2_server = "own"; a server that others use keeps its settings'
    for name in scenario.l2_settings:
        if name not in L2_SETTINGS:
            yield f"l2_settings.{name}: may not be set{suggest(name, L2_SETTINGS)}"


def _sizes(sizes: Sizes) -> Iterator[str]:
    least, most = sizes.min_bytes, sizes.max_bytes
    if least > most:
        yield f"data.sizes: expected min_bytes <= max_bytes, got {least} and {most}"
    elif sizes.distribution == "lognormal" and not least <= sizes.bytes <= most:
        yield f"data.sizes.bytes: expected {least} to {most}, got {sizes.bytes}"


def _phase(scenario: Scenario, phase: Phase, where: str) -> Iterator[str]:
    yield from load_checks.problems(phase.load, f"{where}.load")
    if isinstance(phase.load, ClosedLoad) and phase.load.users < scenario.workers:
        yield f"{where}.load.users: expected at least one for each of {scenario.workers} workers"
    if isinstance(phase.load, SearchLoad) and scenario.workers > 1:
        yield f"{where}.load: a search is one worker's; expected workers = 1"
    if phase.hit_ratio == HitRatioTarget():
        yield f"{where}.hit_ratio: expected at_least above 0 or at_most below 1; none misses this"
    elif phase.hit_ratio is not None and phase.hit_ratio.at_least > phase.hit_ratio.at_most:
        yield f"{where}.hit_ratio: expected at_least <= at_most"
    if phase.faults:
        yield from _faults(scenario, phase, where)


def _faults(scenario: Scenario, phase: Phase, where: str) -> Iterator[str]:
    if scenario.l2_server != "own":
        yield f'{where}.faults: need l2_server = "own"; a server that others use is never broken'
    if scenario.subject.enable_l2 is False or scenario.subject.preset == "l2_disabled":
        yield f"{where}.faults: break L2, but the subject has none"
    duration_s = phase.load.duration_s if isinstance(phase.load, ClosedLoad | OpenLoad) else None
    if duration_s is None:
        yield f"{where}.faults: need a closed load with duration_s, or an open one"
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
