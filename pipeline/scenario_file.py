"""Scenario files: TOML with parameters, checked at this edge and turned into a `Scenario`."""

import dataclasses
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pipeline.checks import problems
from pipeline.errors import ScenarioFileError, UnknownNameError
from pipeline.grid import KEY, MAX_CELLS, Cell, Grid, cells_of
from pipeline.nearest import suggest
from pipeline.parameters import fill, leaves, parse_override, read_value, reference
from pipeline.scenario import Scenario
from pipeline.scenario_paths import anchor
from pipeline.subject import SubjectSettings
from pipeline.wording import lines, shown

MAX_BYTES = 1 << 20
MAX_EXPANDED_BYTES = 16 << 20
SUBJECT_KEYS = tuple(field.name for field in dataclasses.fields(SubjectSettings))

_KEY_PARTS = 64
_LONG_KEY = re.compile(rb"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){%d}" % (_KEY_PARTS - 1))
_ADAPTER = TypeAdapter(Scenario)


@dataclasses.dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A scenario file before its parameters have their values.

    Args:
        source: The file as its errors name it.
        folder: Where the files that it names are looked for.
        content: All keys but `parameters`.
        parameters: Name and default of each parameter; `""` leaves out the key that it fills.
        grid: The file as a whole, where it stands for several scenarios; None for any other.
    """

    source: str
    folder: Path
    content: Mapping[str, Any]
    parameters: Mapping[str, Any]
    grid: Grid | None = None

    @property
    def name(self) -> str:
        """The scenario's name as the file gives it."""
        return str(self.content.get("name", ""))

    def accepts(self, key: str) -> bool:
        """Whether `--set KEY=...` means anything to this scenario."""
        return key in self.parameters or key in SUBJECT_KEYS

    def scenario(self, overrides: Mapping[str, str] | None = None) -> Scenario:
        """The scenario with every parameter filled in.

        Args:
            overrides: Texts for parameters and for fields of `SubjectSettings`.

        Raises:
            ScenarioFileError: The content is not a scenario; a line for each thing wrong.
            UnknownNameError: An override that the scenario does not know.
        """
        overrides = overrides or {}
        for key in overrides:
            if not self.accepts(key):
                known = (*self.parameters, *SUBJECT_KEYS)
                raise UnknownNameError(f"no parameter is called {key}{suggest(key, known)}")
        content = fill(self.content, self._values(overrides))
        _set_in_subject(content, {k: v for k, v in overrides.items() if k not in self.parameters})
        return self._check(content)

    def _values(self, overrides: Mapping[str, str]) -> dict[str, Any]:
        values = dict(self.parameters)
        for name, text in overrides.items():
            if name in values:
                values[name] = parse_override(name, text, values[name])
        return values

    def _check(self, content: dict[str, Any]) -> Scenario:
        _default_kinds(content)
        try:
            scenario = _ADAPTER.validate_json(json.dumps(content, default=str))
        except ValidationError as error:
            raise self._error(*lines(error.errors(), Scenario, content)) from None
        except (ValueError, RecursionError) as error:
            raise self._error(str(error)) from None
        if found := list(problems(scenario)):
            raise self._error(*found)
        return scenario

    def _error(self, *found: str) -> ScenarioFileError:
        return ScenarioFileError("\n".join(f"{self.source}: {line}" for line in found))


def read_scenario_file(path: Path) -> tuple[ScenarioFile, ...]:
    """Read a scenario file of the user's: one scenario, or those of a grid.

    Raises:
        ScenarioFileError: It can't be read or is not TOML.
    """
    try:
        # It is read more than once, which a pipe can't be, and a device has no end.
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise ScenarioFileError(f"{path}: expected a regular file")
        content = path.read_bytes()
    except OSError as error:
        raise ScenarioFileError(f"{path}: {error.strerror or error}") from None
    return parse_scenario_files(content, str(path), path.parent)


def parse_scenario_files(content: bytes, source: str, folder: Path) -> tuple[ScenarioFile, ...]:
    """Parse a scenario file's bytes; what they say is checked by `ScenarioFile.scenario`.

    Args:
        content: TOML in UTF-8, at most 1 MiB.
        source: The file as errors name it.
        folder: Where the files that it names are looked for.

    Raises:
        ScenarioFileError: It is too large, not TOML, its grid is none, or its parameters are not
            plain values.
    """
    if len(content) > MAX_BYTES:
        raise ScenarioFileError(f"{source}: expected at most 1 MiB, got {len(content):,} bytes")
    try:
        data = tomllib.loads(_text(content))
        _look_into(data)
    except (ValueError, RecursionError) as error:
        raise ScenarioFileError(f"{source}: not TOML: {_one_line(error)}") from None
    cells = cells_of(data, source, min(MAX_CELLS, MAX_EXPANDED_BYTES // max(len(content), 1)))
    _check_parameters([cell.content for cell in cells], source)
    grid = Grid(Path(source).stem, str(data.get("purpose", ""))) if KEY in data else None
    return tuple(_file_of(cell, source, folder, grid) for cell in cells)


def _look_into(data: Mapping[str, Any]) -> None:
    """Refuse what is nested too deeply to go through it again and again."""
    for _ in leaves(data):
        pass


def _file_of(cell: Cell, source: str, folder: Path, grid: Grid | None) -> ScenarioFile:
    content = dict(cell.content)
    parameters = content.pop("parameters", {})
    anchor(_loads(content), parameters, folder, source)
    named = f"{source} ({cell.label})" if cell.label else source
    return ScenarioFile(named, folder, content, parameters, grid)


def _text(content: bytes) -> str:
    """The file's text, which may begin with the byte-order mark of some editors.

    Raises:
        RecursionError: A key has more parts than any scenario; the parser would take minutes.
    """
    if _LONG_KEY.search(content):
        raise RecursionError(f"a key of {_KEY_PARTS} parts or more")
    return content.decode("utf-8-sig")


def _check_parameters(contents: Sequence[Mapping[str, Any]], source: str) -> None:
    """Each place has its parameter, and each parameter a place in one scenario or another."""
    used = {name for content in contents for name in _used_parameters(content, source)}
    for name in {name for content in contents for name in content.get("parameters", {})} - used:
        raise ScenarioFileError(
            f'{source}: parameters.{name}: never used; write "${name}" where it belongs'
        )


def _used_parameters(content: Mapping[str, Any], source: str) -> Iterator[str]:
    parameters = content.get("parameters", {})
    if not isinstance(parameters, dict):
        raise ScenarioFileError(f"{source}: parameters: expected a table, got {shown(parameters)}")
    for path, leaf in leaves(content):
        if (name := reference(leaf)) is None:
            continue
        if name not in parameters:
            near = suggest(name, parameters)
            raise ScenarioFileError(f"{source}: {'.'.join(path)}: no parameter is {name}{near}")
        yield name
    for name, value in parameters.items():
        if not isinstance(value, str | int | float):
            told = f"expected a plain value, got {shown(value)}"
            raise ScenarioFileError(f"{source}: parameters.{name}: {told}")


def _set_in_subject(content: dict[str, Any], overrides: Mapping[str, str]) -> None:
    subject = content.setdefault("subject", {}) if overrides else None
    if not isinstance(subject, dict):
        return
    for name, text in overrides.items():
        subject[name] = read_value(text)


def _default_kinds(content: dict[str, Any]) -> None:
    """A load without a `kind` is a closed loop."""
    for load in _loads(content):
        load.setdefault("kind", "closed")


def _loads(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    phases = content.get("phases")
    tables = [each for each in phases if isinstance(each, dict)] if isinstance(phases, list) else []
    return [each["load"] for each in tables if isinstance(each.get("load"), dict)]


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
