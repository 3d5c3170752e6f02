"""Draws the baselines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from pipeline.cli.consoles import new_table
from results.baselines import Baseline
from results.versus.words import short


def draw(found: Sequence[Baseline]) -> RenderableType:
    """A line for each, by name."""
    if not found:
        return Text("no baselines yet: `bench baseline set main RUN` makes one")
    table = new_table()
    table.add_column("baseline", overflow="fold")
    for name in ("run", "measured", "code", "set"):
        table.add_column(name, overflow="fold")
    for each in found:
        table.add_row(
            each.name,
            each.run_id + (f" (excluded: {each.excluded})" if each.excluded else ""),
            _moment(each.created_at_s)[:16].replace("T", " "),
            short(each.code_name or ""),
            _moment(each.set_at_s)[:16].replace("T", " "),
        )
    return table


def told(found: Sequence[Baseline]) -> dict[str, Any]:
    """The same as JSON-able data."""
    return {
        "baselines": [
            {
                "name": each.name,
                "run_id": each.run_id,
                "set_at": _moment(each.set_at_s),
                "created_at": _moment(each.created_at_s),
                "code_version": each.code_name,
                "excluded": each.excluded,
            }
            for each in found
        ]
    }


def _moment(at_s: float) -> str:
    return datetime.fromtimestamp(at_s).astimezone().isoformat(timespec="seconds")
