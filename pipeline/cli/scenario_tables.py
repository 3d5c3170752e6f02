"""Tells and draws scenarios: the list of them, and one with all its parts."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline import catalogue
from pipeline.cli.consoles import new_table
from pipeline.cli.sentences import of_expectation
from pipeline.scenario import ClosedLoad, Phase, TraceLoad
from pipeline.scenario_file import SUBJECT_KEYS, ScenarioFile


def listing(names: Sequence[str]) -> dict[str, Any]:
    """These scenarios with their purposes, and the suites that there are."""
    rows = []
    for name in names:
        scenario = catalogue.load(name).scenario()
        rows.append(
            {
                "name": name,
                "type": scenario.type,
                "time_s": scenario.time_s,
                "purpose": scenario.purpose,
            }
        )
    suites = {suite: list(members) for suite, members in catalogue.suites().items()}
    return {"scenarios": rows, "suites": suites}


def detail(source: ScenarioFile) -> dict[str, Any]:
    """All that one scenario says, and what `--set` takes."""
    return {
        **dataclasses.asdict(source.scenario()),
        "parameters": dict(source.parameters),
        "subject_settings": list(SUBJECT_KEYS),
    }


def draw_listing(told: Mapping[str, Any]) -> RenderableType:
    """The scenarios as a table, the suites below it."""
    table = new_table()
    table.add_column("scenario", no_wrap=True)
    table.add_column("type", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    table.add_column("purpose")
    for row in told["scenarios"]:
        table.add_row(row["name"], row["type"], f"{row['time_s']:g} s", row["purpose"])
    suites = Text("suites: " + ", ".join(told["suites"]))
    return Group(table, suites, Text("more of one: bench scenarios NAME"))


def draw_detail(source: ScenarioFile) -> RenderableType:
    """One scenario: what it does, what it expects and what can be set."""
    scenario = source.scenario()
    suites = ", ".join((scenario.type, *scenario.suites, "all"))
    head = f"{scenario.name}: {scenario.purpose}\nabout {scenario.time_s:g} s; suites: {suites}"
    given = {
        key: value
        for key, value in dataclasses.asdict(scenario.subject).items()
        if value is not None
    }
    parts: list[RenderableType] = [
        Text(head),
        Text(f"\ndata: {scenario.data.keys} keys of {scenario.data.kind}"),
        Text(f"subject: {_pairs(given)}"),
        _draw_phases(scenario.phases),
        Text("expectations"),
        *(Text(f"  {of_expectation(expected)}") for expected in scenario.expectations),
        Text("\n--set takes"),
        *(Text(f"  {key}={_shown(value)}") for key, value in source.parameters.items()),
        Text(f"  and settings of the subject: {', '.join(SUBJECT_KEYS)}"),
    ]
    return Group(*parts)


def _draw_phases(phases: Sequence[Phase]) -> Table:
    table = new_table()
    for name in ("phase", "load", "keys", "before", "faults"):
        table.add_column(name)
    for phase in phases:
        name = f"{phase.name} (warm-up)" if phase.warmup else phase.name
        faults = "; ".join(
            f"{fault.kind} at {fault.at_s:g} s for {fault.duration_s:g} s" for fault in phase.faults
        )
        table.add_row(name, *_load(phase.load), ", ".join(phase.before), faults)
    return table


def _load(load: ClosedLoad | TraceLoad) -> tuple[str, str]:
    if isinstance(load, TraceLoad):
        trace = load.trace or f"synthetic trace of {load.distinct_keys} keys"
        return f"1 user replays {trace}", "as recorded"
    much = (
        f"{load.duration_s:g} s"
        if load.operations is None
        else f"{load.operations} operations each"
    )
    mix = ", ".join(f"{name} {weight:g}" for name, weight in load.mix.items())
    users = "1 user" if load.users == 1 else f"{load.users} users"
    think = f", {load.think_time_s * 1000:g} ms think time" if load.think_time_s else ""
    zipf = f" {load.keys.exponent:g}" if load.keys.distribution == "zipf" else ""
    return f"{users}, {much}: {mix}{think}", f"{load.keys.distribution}{zipf}"


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={_shown(value)}" for key, value in values.items())


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
