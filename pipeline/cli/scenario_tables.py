"""Tells and draws one scenario with all its parts."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from pipeline.cli.data_sentences import of_data
from pipeline.cli.fault_sentences import of_fault
from pipeline.cli.load_sentences import of_keys, of_load
from pipeline.cli.sentences import of_expectation
from pipeline.scenario import Phase, Scenario
from pipeline.scenario_file import SUBJECT_KEYS, ScenarioFile


def detail(source: ScenarioFile) -> dict[str, Any]:
    """All that one scenario says, where it comes from, and what `--set` takes."""
    return {
        **dataclasses.asdict(source.scenario()),
        "source": source.source,
        "parameters": dict(source.parameters),
        "subject_settings": list(SUBJECT_KEYS),
    }


def draw_detail(source: ScenarioFile) -> RenderableType:
    """One scenario: what it does, what it expects and what can be set."""
    scenario = source.scenario()
    blocks: Mapping[str, Sequence[str]] = {
        f"{scenario.name}: {scenario.purpose}": list(_facts(scenario, source.source)),
        "phases": [line for phase in scenario.phases for line in _phase(phase)],
        "expectations": [of_expectation(expected) for expected in scenario.expectations],
        "--set takes": list(_settable(source)),
    }
    return Group(*(_block(title, lines) for title, lines in blocks.items()))


def _block(title: str, lines: Sequence[str]) -> Text:
    block = Text(title, style="bold")
    for line in lines:
        block.append(f"\n  {line}", style="not bold")
    return block.append("\n")


def _facts(scenario: Scenario, source: str) -> Iterator[str]:
    by_type = () if scenario.apart else (scenario.type,)
    suites = ", ".join((*by_type, *scenario.suites, *(() if scenario.apart else ("all",))))
    yield f"about {scenario.time_s:g} s, at most {scenario.deadline_s:g} s; suites: {suites}"
    yield f"source: {source}"
    yield f"data: {of_data(scenario.data)}"
    subject = dataclasses.asdict(scenario.subject)
    yield f"subject: {_pairs({k: v for k, v in subject.items() if v is not None})}"
    if scenario.workers > 1:
        yield _workers(scenario)
    if scenario.l2_server == "own":
        settings = ", ".join(f"{name} {value}" for name, value in scenario.l2_settings.items())
        yield "L2: a server of its own" + (f" with {settings}" if settings else "")
    if scenario.l3_server != "shared":
        kind = "PostgreSQL server" if scenario.l3_server == "own_postgresql" else "SQLite file"
        yield f"L3: {'a' if kind.startswith('P') else 'an'} {kind} of its own"
    if scenario.keeps_history and scenario.audit:
        emptied = " and ".join(tier.upper() for tier in scenario.audit)
        yield f"at the end: {emptied} emptied, every acknowledged write read back"


def _workers(scenario: Scenario) -> str:
    together = f"{scenario.workers} workers start together, within {scenario.start_within_s:g} s"
    if scenario.writers is None:
        return together
    readers = scenario.workers - scenario.writers
    return f"{together}; {scenario.writers} for the writes, {readers} for the reads"


def _phase(phase: Phase) -> Iterator[str]:
    before = f", after {', '.join(phase.before)}" if phase.before else ""
    yield f"{phase.name}{' (warm-up)' if phase.warmup else ''}{before}"
    yield f"  {of_load(phase.load)}; keys {of_keys(phase.load)}"
    if phase.restart is not None:
        yield f"  worker {phase.restart + 1} restarts"
    for fault in phase.faults:
        yield f"  {of_fault(fault)}"
    if target := phase.hit_ratio:
        yield f"  invalid unless its hit ratio lies in {target.at_least:g} to {target.at_most:g}"


def _settable(source: ScenarioFile) -> Iterator[str]:
    for key, value in source.parameters.items():
        yield f"{key}={_shown(value)}"
    yield f"and settings of the subject: {', '.join(SUBJECT_KEYS)}"


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={_shown(value)}" for key, value in values.items())


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
