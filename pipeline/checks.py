"""What must hold between the parts of a scenario, beyond what the type of each says."""

from collections import Counter
from collections.abc import Iterator
from typing import get_args

from pipeline import expectation_checks, fault_checks, load_checks
from pipeline.data import Sizes
from pipeline.load import WRITES, ClosedLoad, SearchLoad, Work
from pipeline.nearest import suggest
from pipeline.scenario import HitRatioTarget, Phase, Scenario, ScenarioType
from pipeline.servers.base import L2_SETTINGS

RESERVED_SUITES = (*get_args(ScenarioType), "all")


def problems(scenario: Scenario) -> Iterator[str]:
    """One line for each thing that is wrong, `KEY.PATH: ...`."""
    yield from _names(scenario)
    yield from _workers(scenario)
    yield from _server(scenario)
    yield from _history(scenario)
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
    if scenario.apart and not scenario.suites:
        yield "apart: needs suites; it would belong to none"
    if all(phase.warmup for phase in scenario.phases):
        yield "phases: every phase is a warm-up; nothing would be measured"


def _workers(scenario: Scenario) -> Iterator[str]:
    workers, writers = scenario.workers, scenario.writers
    if writers is not None and writers >= workers:
        yield f"writers: expected fewer than the {workers} workers, got {writers}"
    if workers > 1 and scenario.l2_server == "own":
        yield 'l2_server: expected "shared" for several workers; each would start one of its own'
    if workers > 1 and scenario.l3_server != "shared":
        yield 'l3_server: expected "shared" for several workers; each would start one of its own'


def _server(scenario: Scenario) -> Iterator[str]:
    if scenario.l2_settings and scenario.l2_server != "own":
        yield 'l2_settings: need l2_server = "own"; a server that others use keeps its settings'
    for name in scenario.l2_settings:
        if name not in L2_SETTINGS:
            yield f"l2_settings.{name}: may not be set{suggest(name, L2_SETTINGS)}"


def _history(scenario: Scenario) -> Iterator[str]:
    """What was written can be held against what was read, and some tier still has it at the end."""
    tiers = {"l1"} | {tier for tier in ("l2", "l3") if fault_checks.has_tier(scenario, tier)}
    if scenario.keeps_history and tiers <= set(scenario.audit):
        yield "audit: empties every tier that the subject has; nothing could be read back"
    several = scenario.workers > 1 and scenario.writers != 1
    works = [phase.load for phase in scenario.phases if isinstance(phase.load, Work)]
    if several and scenario.keeps_history and any(_loads_what_it_writes(work) for work in works):
        yield (
            "workers: a history of several that write needs loader = false, or writers = 1; "
            "the origin of each knows its own writes only"
        )


def _loads_what_it_writes(work: Work) -> bool:
    return work.loader and not WRITES.isdisjoint(work.mix) and not WRITES.issuperset(work.mix)


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
    if phase.restart is not None:
        yield from _restart(scenario, phase, where)
    if phase.faults:
        yield from fault_checks.problems(scenario, phase, where)


def _restart(scenario: Scenario, phase: Phase, where: str) -> Iterator[str]:
    duration_s = getattr(phase.load, "duration_s", None)
    if scenario.workers == 1 or phase.restart not in range(scenario.workers):
        told = f"one of {scenario.workers} workers" if scenario.workers > 1 else "several workers"
        yield f"{where}.restart: expected {told}, counted from 0, got {phase.restart}"
    if duration_s is None:
        yield f"{where}.restart: needs a closed load with duration_s, or an open one"
