"""Tells and draws the list of scenarios: what each shows, with what load, and how long it takes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from pipeline import catalogue
from pipeline.cli.load_sentences import in_short
from pipeline.scenario import Scenario

_HEAD = {"name": "scenario", "type": "type", "time": "time", "expects": "expects", "load": "load"}
_INDENT = 2


def listing(names: Sequence[str]) -> dict[str, Any]:
    """These scenarios with what tells them apart, and the suites that there are."""
    suites = {suite: list(members) for suite, members in catalogue.suites().items()}
    return {"scenarios": [_row(catalogue.load(name).scenario()) for name in names],
            "suites": suites}  # fmt: skip


def draw_listing(told: Mapping[str, Any]) -> RenderableType:
    """Two lines or three a scenario: facts in columns, its purpose below; the suites at the end."""
    rows = [_cells(row) for row in told["scenarios"]]
    widths = {key: max(len(row[key]) for row in (_HEAD, *rows)) for key in _HEAD}
    parts: list[RenderableType] = [_line(_HEAD, widths, "bold")]
    for row, facts in zip(told["scenarios"], rows, strict=True):
        parts.append(_line(facts, widths, "cyan"))
        parts.append(Padding(Text(row["purpose"]), (0, 0, 0, _INDENT)))
    parts.append(Text("\nsuites: " + ", ".join(told["suites"])))
    parts.append(Text("more of one: bench scenarios NAME"))
    return Group(*parts)


def _row(scenario: Scenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "type": scenario.type,
        "time_s": scenario.time_s,
        "purpose": scenario.purpose,
        "loads": _loads(scenario),
        "workers": scenario.workers,
        "faults": _faults(scenario),
        "expectations": len(scenario.expectations),
    }


def _loads(scenario: Scenario) -> list[str]:
    return _once(in_short(phase.load) for phase in scenario.phases if not phase.warmup)


def _faults(scenario: Scenario) -> list[str]:
    return _once(fault.kind for phase in scenario.phases for fault in phase.faults)


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    workers = [f"{row['workers']} workers"] if row["workers"] > 1 else []
    return {
        "name": row["name"],
        "type": row["type"],
        "time": f"{row['time_s']:g} s",
        "expects": str(row["expectations"]),
        "load": "; ".join([*row["loads"], *workers, *row["faults"]]),
    }


def _line(cells: Mapping[str, str], widths: Mapping[str, int], style: str) -> Text:
    numbers = ("time", "expects")
    columns = [
        cells[key].rjust(width) if key in numbers else cells[key].ljust(width)
        for key, width in widths.items()
    ]
    return Text("  ".join(columns).rstrip(), style=style, overflow="fold")
