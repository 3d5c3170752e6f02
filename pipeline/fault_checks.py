"""What must hold within a fault, between it and its phase, and among the faults of one phase."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from types import MappingProxyType
from typing import Final

from pipeline.fault import FAULTS, Fault, FaultKind, Need
from pipeline.load import ClosedLoad, OpenLoad, Work
from pipeline.scenario import Phase, Scenario

FIGURES: Final = tuple(dict.fromkeys(name for facts in FAULTS.values() for name in facts.figures))
"""The keys of a fault that mean something to some kinds only."""

WITHOUT_A_PROCESS: Final[frozenset[FaultKind]] = frozenset(
    (
        "l2_memory",
        "l2_flush",
        "l2_slow_script",
        "l2_client_kill",
        "l2_read_only",
        "l2_wrong_password",
    )
)
"""They break a server by its own commands, so it may be one that a worker's user allows by name."""

LONGEST_BLOCK_S: Final = 5.0
"""A worker whose event loop stands still for twice that is taken for dead."""

_TOLD: Final[Mapping[Need, str]] = MappingProxyType(
    {
        "own_l2": 'l2_server = "own"; a server that others use is never killed or stopped',
        "own_l3": 'l3_server = "own" or "own_postgresql"; what others use is never broken',
        "own_sqlite": 'l3_server = "own"; it is about an SQLite file',
        "own_postgresql": 'l3_server = "own_postgresql"; an SQLite file has no server',
    }
)


def problems(scenario: Scenario, phase: Phase, where: str) -> Iterator[str]:
    """One line for each thing that is wrong with a phase's faults, `KEY.PATH: ...`.

    Args:
        scenario: With its services and its workers.
        phase: A phase of it that has faults.
        where: The keys that lead to the phase.
    """
    length_s = phase.load.duration_s if isinstance(phase.load, ClosedLoad | OpenLoad) else None
    if length_s is None:
        yield f"{where}.faults: need a closed load with duration_s, or an open one"
    for number, fault in enumerate(phase.faults):
        path = f"{where}.faults.{number}"
        yield from _figures(fault, path)
        yield from _schedule(fault, path)
        yield from _of_the_worker(scenario, fault, path)
        yield from _needs(scenario, phase, fault, path)
        if length_s is not None and fault.end_s > length_s:
            yield (
                f"{path}: expected to end within the phase's {length_s:g} s, got {fault.end_s:g} s"
            )
    yield from _overlaps(phase, where)


def _of_the_worker(scenario: Scenario, fault: Fault, path: str) -> Iterator[str]:
    if fault.kind == "loop_block" and fault.duration_s > LONGEST_BLOCK_S:
        yield (
            f"{path}.duration_s: expected at most {LONGEST_BLOCK_S:g} s; a worker that stands "
            "still for longer loses its job to another"
        )
    kills = sum(each.times for each in scenario.faults if each.kind == "worker_kill")
    if fault.kind == "worker_kill" and kills > 1:
        yield f"{path}: worker_kill comes once in a scenario; the next attempt measures"


def _figures(fault: Fault, path: str) -> Iterator[str]:
    known = FAULTS[fault.kind].figures
    for name in FIGURES:
        if getattr(fault, name) is not None and name not in known:
            taken = f"it takes {', '.join(known)}" if known else "it takes no figures"
            yield f"{path}.{name}: means nothing to {fault.kind}; {taken}"
    if fault.jitter_s is not None and "jitter_s" in known:
        delay_s = fault.figure("delay_s")
        if fault.jitter_s > delay_s:
            yield f"{path}.jitter_s: expected at most delay_s, which is {delay_s:g} s"
    if fault.step_s == 0:
        yield f"{path}.step_s: expected a step to one side or the other, got 0"


def _schedule(fault: Fault, path: str) -> Iterator[str]:
    least_s = fault.times * fault.duration_s
    if fault.every_s is not None and fault.within_s is not None:
        yield f"{path}: expected at most one of every_s and within_s"
    elif fault.times > 1 and fault.every_s is None and fault.within_s is None:
        yield f"{path}.times: {fault.times} times need every_s or within_s"
    elif fault.times == 1 and fault.every_s is not None:
        yield f"{path}.every_s: needs times above 1"
    elif fault.every_s is not None and fault.every_s < fault.duration_s:
        yield f"{path}.every_s: expected at least duration_s, which is {fault.duration_s:g} s"
    elif fault.within_s is not None and fault.within_s < least_s:
        yield f"{path}.within_s: expected at least times * duration_s, which is {least_s:g} s"


def _needs(scenario: Scenario, phase: Phase, fault: Fault, path: str) -> Iterator[str]:
    facts = FAULTS[fault.kind]
    if facts.breaks in ("l2", "l3") and not has_tier(scenario, facts.breaks):
        yield f"{path}: breaks {facts.breaks.upper()}, but the subject has none"
    if fault.shard is not None and fault.shard >= scenario.workers:
        yield f"{path}.shard: expected below {scenario.workers}, the number of workers"
    if isinstance(phase.load, Work) and "loader" in facts.needs and not phase.load.loader:
        yield f"{path}: breaks the loader, which needs loader = true in the load"
    for need in facts.needs:
        if (told := _lacking(scenario, fault.kind, need)) is not None:
            yield f"{path}: {fault.kind} needs {told}"


def _lacking(scenario: Scenario, kind: FaultKind, need: Need) -> str | None:
    """What a kind of fault needs and the scenario does not give, in words; None where it does."""
    if need in ("own_l2", "own_l3") and scenario.workers > 1:
        return "workers = 1; what several workers share is broken through a proxy at most"
    own_l2 = scenario.l2_server == "own" or kind in WITHOUT_A_PROCESS
    given = {
        "own_l2": own_l2,
        "own_l3": scenario.l3_server != "shared",
        "own_sqlite": scenario.l3_server != "own_postgresql",
        "own_postgresql": scenario.l3_server != "own",
    }
    return None if given.get(need, True) else _TOLD[need]


def has_tier(scenario: Scenario, tier: str) -> bool:
    """Whether a scenario's subject is set up with L2 or L3.

    Args:
        scenario: With the subject's settings.
        tier: `l2` or `l3`.
    """
    is_on: bool | None = getattr(scenario.subject, f"enable_{tier}")
    return scenario.subject.preset != f"{tier}_disabled" if is_on is None else is_on


def _overlaps(phase: Phase, where: str) -> Iterator[str]:
    """Two faults of one group would each undo what the other does."""
    for (one, first), (other, second) in combinations(enumerate(phase.faults), 2):
        group = FAULTS[first.kind].group
        apart = None not in (first.shard, second.shard) and first.shard != second.shard
        if group != FAULTS[second.kind].group or apart:
            continue
        if _meet(first, second):
            yield (
                f"{where}.faults: {one} ({first.kind}) and {other} ({second.kind}) overlap; "
                f"faults of {group} follow each other"
            )


def _meet(first: Fault, second: Fault) -> bool:
    return any(
        start < other_end and other_start < end
        for start, end in _spans_s(first)
        for other_start, other_end in _spans_s(second)
    )


def _spans_s(fault: Fault) -> list[tuple[float, float]]:
    """When it may be there: of a fault that comes at random, the whole span."""
    if fault.within_s is not None:
        return [(fault.at_s, fault.end_s)]
    starts_s = (fault.at_s + number * (fault.every_s or 0.0) for number in range(fault.times))
    return [(start_s, start_s + fault.duration_s) for start_s in starts_s]
