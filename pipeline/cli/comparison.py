"""Draws subjects side by side: figures as rows, a column for each, at most 100 columns of text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.cli.compared import Cell, Line, lines_of
from pipeline.cli.consoles import new_table

WIDTH = 100
_GAP = 3
_LONGEST_NAME = 28


@dataclass(frozen=True, slots=True)
class Column:
    """A subject's name and its figures as texts, one above the other."""

    name: str
    texts: tuple[str, ...]

    @property
    def width(self) -> int:
        """Characters of its widest text."""
        return max(map(len, (self.name, *self.texts)))


def draw_comparison(scenario: str, result: Mapping[str, Any], width: int = WIDTH) -> RenderableType:
    """One scenario's subjects beside the one under test, which comes first in every table.

    Args:
        scenario: Its name.
        result: Its part of a report.
        width: Columns of the terminal.
    """
    subjects = list(result["subjects"])
    lines = lines_of(result["comparison"], subjects)
    if not lines:
        return Text(f"{scenario}: no subject has figures\n")
    columns = [
        Column(_short(subject), _aligned([line.cells[place] for line in lines]))
        for place, subject in enumerate(subjects)
    ]
    title = Text(_title(scenario, result), style="bold")
    parts: list[RenderableType] = []
    for others in _fitting(lines, columns, width):
        parts += [_table(lines, columns[0], others), Text()]
    return Group(title, *parts)


def _fitting(
    lines: Sequence[Line], columns: Sequence[Column], width: int
) -> Iterator[Sequence[Column]]:
    """The columns beside the first one, as many at a time as there is room for, at least one."""
    labels = max((len(line.label) for line in lines), default=0)
    room = min(width, WIDTH) - labels - _GAP - columns[0].width
    taken: list[Column] = []
    for column in columns[1:]:
        if taken and sum(each.width + _GAP for each in (*taken, column)) > room:
            yield taken
            taken = []
        taken.append(column)
    yield taken


def _table(lines: Sequence[Line], first: Column, others: Sequence[Column]) -> Table:
    table = new_table()
    whole = sum(line.phase is None for line in lines)
    table.add_column("", no_wrap=True)
    for column in (first, *others):
        # Where a terminal is too narrow for one, a figure goes on below rather than lose its end.
        table.add_column(column.name, overflow="fold")
    for place, line in enumerate(lines):
        texts = (column.texts[place] for column in (first, *others))
        table.add_row(line.label, *texts, end_section=place + 1 == whole)
    return table


def _aligned(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Figures under figures, ratios under ratios."""
    value = max((len(cell.value) for cell in cells if cell.is_figure), default=0)
    ratio = max(len(cell.ratio) for cell in cells)
    return tuple(
        f"{cell.value:>{value}}  {cell.ratio:>{ratio}} {cell.interval}".rstrip() for cell in cells
    )


def _short(name: str) -> str:
    """The end of a long name, which for a module and its factory says more than its begin."""
    return name if len(name) <= _LONGEST_NAME else f"...{name[3 - _LONGEST_NAME :]}"


def _title(scenario: str, result: Mapping[str, Any]) -> str:
    repeats = len(result["repeats"])
    times = f"{repeats} repeats" if repeats > 1 else "one repeat"
    comparison = result["comparison"]
    sure = f" ({100 * comparison['confidence']:g} % confidence)" if repeats > 1 else ""
    return (
        f"{scenario}, {result['loop']} loop, {times}: ratios to {_short(comparison['first'])}{sure}"
    )
