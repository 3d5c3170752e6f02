"""Grids: one scenario file that stands for many scenarios, a cell of each of its axes at a time.

    [grid.fault.l2_kill]        what differs where the axis `fault` is `l2_kill`
    [grid.tiers.l1_l2]          what differs where the axis `tiers` is `l1_l2`

Each combination of cells is a scenario, named after the file's `name` and its cells.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Final, TypeGuard

from pipeline.errors import ScenarioFileError
from pipeline.nearest import suggest
from pipeline.wording import shown

KEY: Final = "grid"
ONLY_WITH: Final = "with"
"""The key of a cell that names those cells of other axes with which alone it is combined."""

MAX_CELLS: Final = 1_000
"""The most combinations of one file."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_]*")
_REFERENCE: Final = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_SCOPE: Final = ("metric", "phase", "operation", "tier")

Axes = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Grid:
    """A file with a grid as a whole: its own name, and what it says of all its scenarios."""

    name: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination: its cells' names by axis, and the content that it makes of the file's."""

    names: Mapping[str, str]
    content: Mapping[str, Any]

    @property
    def label(self) -> str:
        """Its cells, one after the other; empty where the file has no grid."""
        return ", ".join(self.names.values())


def cells_of(data: Mapping[str, Any], source: str, max_cells: int = MAX_CELLS) -> tuple[Cell, ...]:
    """The scenarios that a file stands for; itself alone where it has no grid.

    Args:
        data: The file's content.
        source: The file as errors name it.
        max_cells: The most combinations, from 1.

    Raises:
        ScenarioFileError: The grid is none.
    """
    base = {key: item for key, item in data.items() if key != KEY}
    if KEY not in data:
        return (Cell({}, base),)
    axes = _checked(data[KEY], base, source)
    if (count := prod(map(len, axes.values()))) > max_cells:
        raise ScenarioFileError(
            f"{source}: {KEY}: expected at most {max_cells:,} combinations, got {count:,}"
        )
    cells = [
        Cell(names, _content(base, axes, names, source))
        for names in _combinations(axes)
        if _belong_together(axes, names)
    ]
    if not cells:
        raise ScenarioFileError(f"{source}: {KEY}: no cells are left to combine")
    return tuple(cells)


def _checked(axes: Any, base: Mapping[str, Any], source: str) -> Axes:
    if not isinstance(axes, dict) or not axes:
        raise ScenarioFileError(f"{source}: {KEY}: expected a table of axes, got {shown(axes)}")
    parameters = base.get("parameters")
    for axis, cells in axes.items():
        where = f"{source}: {KEY}.{axis}"
        if not isinstance(cells, dict) or not cells:
            raise ScenarioFileError(f"{where}: expected a table of cells, got {shown(cells)}")
        if isinstance(parameters, dict) and axis in parameters:
            raise ScenarioFileError(f"{where}: is a parameter's name too; rename one")
        for name, cell in cells.items():
            _check_cell(axes, cell, f"{where}.{name}")
            if _NAME.fullmatch(name) is None:
                raise ScenarioFileError(f"{where}.{name}: expected small letters, digits and _")
    return axes


def _check_cell(axes: Axes, cell: Any, where: str) -> None:
    if not isinstance(cell, dict):
        raise ScenarioFileError(f"{where}: expected a table of what differs, got {shown(cell)}")
    only_with = cell.get(ONLY_WITH, {})
    if not isinstance(only_with, dict):
        raise ScenarioFileError(f"{where}.{ONLY_WITH}: expected a table, got {shown(only_with)}")
    for axis, names in only_with.items():
        if axis not in axes:
            near = suggest(axis, axes)
            raise ScenarioFileError(f"{where}.{ONLY_WITH}.{axis}: no axis is called so{near}")
        if not isinstance(names, list):
            raise ScenarioFileError(
                f"{where}.{ONLY_WITH}.{axis}: expected a list, got {shown(names)}"
            )
        for name in names:
            if not isinstance(name, str) or name not in axes[axis]:
                near = suggest(str(name), axes[axis])
                raise ScenarioFileError(
                    f"{where}.{ONLY_WITH}.{axis}: no cell is called {name}{near}"
                )


def _combinations(axes: Axes) -> Iterator[dict[str, str]]:
    for names in product(*axes.values()):
        yield dict(zip(axes, names, strict=True))


def _belong_together(axes: Axes, names: Mapping[str, str]) -> bool:
    return all(
        names[other] in allowed
        for axis, name in names.items()
        for other, allowed in axes[axis][name].get(ONLY_WITH, {}).items()
    )


def _content(
    base: Mapping[str, Any], axes: Axes, names: Mapping[str, str], source: str
) -> dict[str, Any]:
    content = dict(base)
    said = [axes[axis][name]["purpose"] for axis, name in names.items()
            if isinstance(axes[axis][name].get("purpose"), str)]  # fmt: skip
    for axis, name in names.items():
        where = f"{source}: {KEY}.{axis}.{name}"
        cell = {key: item for key, item in axes[axis][name].items() if key != ONLY_WITH}
        content = _merged(content, cell, where)
    if said:
        content["purpose"] = " ".join(said)
    content["name"] = "_".join([str(base.get("name", "")), *names.values()])
    filled: dict[str, Any] = _with_names(content, names)
    return filled


def _merged(content: Mapping[str, Any], changes: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Tables key by key, phases by their names, expectations beside others or instead of them."""
    merged = dict(content)
    for key, item in changes.items():
        there = content.get(key)
        if isinstance(item, dict) and isinstance(there, dict):
            merged[key] = _merged(there, item, where)
        elif key == "phases" and _are_tables(there) and _are_tables(item):
            merged[key] = _with_phases(there, item, where)
        elif key == "expectations" and _are_tables(there) and _are_tables(item):
            merged[key] = _with_expectations(there, item)
        else:
            merged[key] = item
    return merged


def _are_tables(node: Any) -> TypeGuard[list[dict[str, Any]]]:
    """Whether a part of a file is a list of tables, however these are made."""
    return isinstance(node, list) and all(isinstance(item, dict) for item in node)


def _with_phases(
    there: Sequence[Mapping[str, Any]], changes: Sequence[Mapping[str, Any]], where: str
) -> list[Mapping[str, Any]]:
    phases = list(there)
    known = [str(phase.get("name")) for phase in phases]
    for change in changes:
        name = str(change.get("name"))
        if name not in known:
            raise ScenarioFileError(
                f"{where}.phases: no phase is called {name}{suggest(name, known)}"
            )
        place = known.index(name)
        phases[place] = _merged(phases[place], change, where)
    return phases


def _with_expectations(
    there: Sequence[Mapping[str, Any]], changes: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    replaced = {_scope(change) for change in changes}
    return [*(each for each in there if _scope(each) not in replaced), *changes]


def _scope(expected: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(str(expected.get(key)) for key in _SCOPE)


def _with_names(node: Any, names: Mapping[str, str]) -> Any:
    """The same, where `$AXIS` in a text is the name of the axis's cell."""
    if isinstance(node, dict):
        return {key: _with_names(item, names) for key, item in node.items()}
    if isinstance(node, list):
        return [_with_names(item, names) for item in node]
    if not isinstance(node, str) or "$" not in node:
        return node
    return _REFERENCE.sub(lambda found: names.get(found[1], found[0]), node)
