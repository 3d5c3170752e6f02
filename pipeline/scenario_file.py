"""Scenario files: TOML with parameters, checked at this edge and turned into a `Scenario`."""

import dataclasses
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pipeline.checks import problems
from pipeline.errors import ScenarioFileError, UnknownNameError
from pipeline.nearest import suggest
from pipeline.scenario import Scenario
from pipeline.subject import SubjectSettings
from pipeline.wording import lines, shown

MAX_BYTES = 1 << 20
SUBJECT_KEYS = tuple(field.name for field in dataclasses.fields(SubjectSettings))

_REFERENCE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_FILE_KEY = "trace"
_ADAPTER = TypeAdapter(Scenario)


@dataclasses.dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A scenario file before its parameters have their values.

    Args:
        source: The file as its errors name it.
        folder: Where the files that it names are looked for.
        content: All keys but `parameters`.
        parameters: Name and default of each parameter; `""` leaves out the key that it fills.
    """

    source: str
    folder: Path
    content: Mapping[str, Any]
    parameters: Mapping[str, Any]

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
        content = self._fill(self.content, self._values(overrides), ())
        _set_in_subject(content, {k: v for k, v in overrides.items() if k not in self.parameters})
        return self._check(content)

    def _values(self, overrides: Mapping[str, str]) -> dict[str, Any]:
        values = dict(self.parameters)
        for name, text in overrides.items():
            if name in values:
                values[name] = _parse(name, text, values[name])
        return values

    def _fill(self, node: Any, values: Mapping[str, Any], path: tuple[str, ...]) -> Any:
        if isinstance(node, dict):
            filled = {k: self._fill(v, values, (*path, k)) for k, v in node.items()}
            return {k: v for k, v in filled.items() if not (v == "" and _is_reference(node[k]))}
        if isinstance(node, list):
            return [self._fill(v, values, (*path, str(i))) for i, v in enumerate(node)]
        if not isinstance(node, str):
            return node
        return self._fill_text(node, values, path)

    def _fill_text(self, text: str, values: Mapping[str, Any], path: tuple[str, ...]) -> Any:
        reference = _REFERENCE.fullmatch(text)
        if reference is None:
            return self._beside(text) if path[-1] == _FILE_KEY else text
        name = reference[1]
        if name not in values:
            where = ".".join(path)
            raise self._error(f"{where}: no parameter is called {name}{suggest(name, values)}")
        overridden = values[name] is not self.parameters[name]
        if path[-1] == _FILE_KEY and values[name] and not overridden:
            return self._beside(values[name])
        return values[name]

    def _beside(self, name: Any) -> Any:
        return str(self.folder / name) if isinstance(name, str) else name

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


def read_scenario_file(path: Path) -> ScenarioFile:
    """Read a scenario file of the user's.

    Raises:
        ScenarioFileError: It can't be read or is not TOML.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ScenarioFileError(f"{path}: {error.strerror or error}") from None
    return parse_scenario_file(content, str(path), path.parent)


def parse_scenario_file(content: bytes, source: str, folder: Path) -> ScenarioFile:
    """Parse a scenario file's bytes; what they say is checked by `ScenarioFile.scenario`.

    Args:
        content: TOML in UTF-8, at most 1 MiB.
        source: The file as errors name it.
        folder: Where the files that it names are looked for.

    Raises:
        ScenarioFileError: It is too large, not TOML, or its parameters are not plain values.
    """
    if len(content) > MAX_BYTES:
        raise ScenarioFileError(f"{source}: expected at most 1 MiB, got {len(content):,} bytes")
    try:
        data = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise ScenarioFileError(f"{source}: not TOML: {_one_line(error)}") from None
    parameters = data.pop("parameters", {})
    _check_parameters(parameters, data, source)
    return ScenarioFile(source, folder, data, parameters)


def _check_parameters(parameters: Any, data: dict[str, Any], source: str) -> None:
    if not isinstance(parameters, dict):
        raise ScenarioFileError(f"{source}: parameters: expected a table, got {shown(parameters)}")
    used = _references(data)
    for name, value in parameters.items():
        where = f"{source}: parameters.{name}"
        if not isinstance(value, str | int | float):
            raise ScenarioFileError(f"{where}: expected a plain value, got {shown(value)}")
        if name not in used:
            raise ScenarioFileError(f'{where}: never used; write "${name}" where it belongs')


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        return set().union(*(_references(item) for item in node))
    found = _REFERENCE.fullmatch(node) if isinstance(node, str) else None
    return {found[1]} if found else set()


def _is_reference(node: Any) -> bool:
    return isinstance(node, str) and _REFERENCE.fullmatch(node) is not None


def _parse(name: str, text: str, default: Any) -> Any:
    """The override's value in its default's type; where that is `""`, as TOML would read it."""
    if default == "":
        value = _as_toml(text)
        return value if isinstance(value, int | float) else text
    if isinstance(default, str):
        return text
    value = _as_toml(text)
    if type(value) is int and type(default) is float:
        value = float(value)
    if type(value) is not type(default):
        kind = {bool: "true or false", int: "an integer", float: "a number"}[type(default)]
        raise ScenarioFileError(f"--set {name}: expected {kind}, got {shown(text)}")
    return value


def _set_in_subject(content: dict[str, Any], overrides: Mapping[str, str]) -> None:
    subject = content.setdefault("subject", {}) if overrides else None
    if not isinstance(subject, dict):
        return
    for name, text in overrides.items():
        value = _as_toml(text)
        subject[name] = text if value is None else value


def _as_toml(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return None


def _default_kinds(content: dict[str, Any]) -> None:
    """A load without a `kind` is a closed loop."""
    phases = content.get("phases")
    for phase in phases if isinstance(phases, list) else ():
        if isinstance(phase, dict) and isinstance(phase.get("load"), dict):
            phase["load"].setdefault("kind", "closed")


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
