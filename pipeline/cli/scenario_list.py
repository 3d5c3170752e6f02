"""Tells and draws the list of scenarios: what each shows, with what load, and how long it takes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from pipeline import catalogue
from pipeline.cli.load_sentences import in_short
from pipeline.scenario import Scenario
from pipeline.scenario_file import ScenarioFile

_HEAD = {"name": "scenario", "type": "type", "time": "time", "expects": "expects", "load": "load"}
_INDENT = 2


def listing(files: Sequence[ScenarioFile]) -> dict[str, Any]:
    """These scenarios with what tells them apart, and the suites that there are."""
    suites = {suite: list(members) for suite, members in catalogue.suites().items()}
    return {"scenarios": [_row(file) for file in files], "suites": suites}


def draw_listing(told: Mapping[str, Any], *, whole: bool = False) -> RenderableType:
    """Two lines or three a scenario: facts in columns, its purpose below; the suites at the end.

    Args:
        told: What `listing` tells.
        whole: Whether the scenarios of a grid have lines of their own, instead of some together.
    """
    shown = told["scenarios"] if whole else list(_together(told["scenarios"]))
    rows = [_cells(row) for row in shown]
    widths = {key: max(len(row[key]) for row in (_HEAD, *rows)) for key in _HEAD}
    parts: list[RenderableType] = [_line(_HEAD, widths, "bold")]
    for row, facts in zip(shown, rows, strict=True):
        parts.append(_line(facts, widths, "cyan"))
        parts.append(Padding(Text(row["purpose"]), (0, 0, 0, _INDENT)))
    parts.append(Text("\nsuites: " + ", ".join(told["suites"])))
    more = (
        ""
        if len(shown) == len(told["scenarios"])
        else "; each of a grid: bench scenarios GRID, or --all"
    )
    parts.append(Text(f"more of one: bench scenarios NAME{more}"))
    return Group(*parts)


def _together(rows: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The rows, those of one grid as one where the first of them stood."""
    grids: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        grids[row["grid"]["name"] if row["grid"] else row["name"]].append(row)
    for members in grids.values():
        yield members[0] if len(members) == 1 else _as_one(members)


def _as_one(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    kinds = _once(chain.from_iterable(row["faults"] for row in rows))
    return {
        **rows[0],
        "name": f"{rows[0]['grid']['name']} ({len(rows)})",
        "time_s": sum(row["time_s"] for row in rows),
        "purpose": rows[0]["grid"]["purpose"],
        "loads": _once(chain.from_iterable(row["loads"] for row in rows)),
        "faults": [f"{len(kinds)} kinds of faults"] if len(kinds) > 1 else kinds,
        "expectations": max(row["expectations"] for row in rows),
    }


def _row(file: ScenarioFile) -> dict[str, Any]:
    scenario = file.scenario()
    return {
        "name": scenario.name,
        "type": scenario.type,
        "time_s": scenario.time_s,
        "purpose": scenario.purpose,
        "grid": None if file.grid is None else asdict(file.grid),
        "loads": _loads(scenario),
        "workers": scenario.workers,
        "faults": _faults(scenario),
        "expectations": len(scenario.expectations),
    }


def _loads(scenario: Scenario) -> list[str]:
    return _once(in_short(phase.load) for phase in scenario.phases if not phase.warmup)


def _faults(scenario: Scenario) -> list[str]:
    return _once(fault.kind for fault in scenario.faults)


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
