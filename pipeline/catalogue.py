"""The built-in scenarios, the suites that they form, and how names become scenarios."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import get_args

from pipeline.errors import ScenarioFileError, UnknownNameError
from pipeline.nearest import suggest
from pipeline.scenario import Scenario, ScenarioType
from pipeline.scenario_file import (
    SUBJECT_KEYS,
    ScenarioFile,
    parse_scenario_files,
    read_scenario_file,
)

DEFAULT_SUITE = "quick"
TYPES = (*get_args(ScenarioType), "all")
SUFFIX = ".toml"


@cache
def names() -> tuple[str, ...]:
    """Names of the built-in scenarios, sorted."""
    return tuple(sorted(name for held in _files().values() for name in held))


@cache
def grids() -> Mapping[str, tuple[str, ...]]:
    """The built-in files that stand for several scenarios each, with the names of these."""
    return {stem: tuple(held) for stem, held in _files().items() if len(held) > 1}


@cache
def suites() -> Mapping[str, tuple[str, ...]]:
    """Each suite with the built-in scenarios that belong to it."""
    members: dict[str, list[str]] = {DEFAULT_SUITE: []} | {kind: [] for kind in TYPES}
    for name in names():
        content = load(name).content
        own = () if content.get("apart") else (content["type"], "all")
        for suite in (*own, *content.get("suites", ())):
            members.setdefault(suite, []).append(name)
    return {suite: tuple(found) for suite, found in members.items()}


def load(name: str) -> ScenarioFile:
    """A built-in scenario by its name.

    Raises:
        UnknownNameError: No built-in scenario has that name.
    """
    for held in _files().values():
        if name in held:
            return held[name]
    raise UnknownNameError(f"no scenario is called {name}{suggest(name, names())}")


def load_all(name: str) -> tuple[ScenarioFile, ...]:
    """A built-in scenario by its name, or all of a user's file by its path.

    Raises:
        ScenarioFileError: The file can't be read or is not TOML.
        UnknownNameError: No built-in scenario has that name.
    """
    return read_scenario_file(Path(name)) if is_path(name) else (load(name),)


def resolve(
    asked: Sequence[str], types: Collection[str] = (), overrides: Mapping[str, str] | None = None
) -> list[Scenario]:
    """The scenarios that names mean, each once, in the order in which they were asked for.

    Args:
        asked: Built-in scenarios, grids, suites and paths of scenario files; where empty, all of
            `types` or else the suite `quick`.
        types: Only scenarios of these types; all where empty or `all`.
        overrides: Texts for parameters and for fields of `SubjectSettings`; each must mean
            something to at least one of the scenarios and goes to those that know it.

    Raises:
        UnknownNameError: A name, a type or an override that does not exist.
        ScenarioFileError: A file that is not a scenario, or two scenarios of one name.
    """
    overrides = overrides or {}
    chosen = [file for name in expand(asked, types) for file in load_all(name)]
    _check_overrides(chosen, overrides)
    scenarios = [
        each.scenario({key: text for key, text in overrides.items() if each.accepts(key)})
        for each in chosen
    ]
    _check_unique(scenarios)
    return [scenario for scenario in scenarios if _has_type(scenario, types)]


def expand(asked: Sequence[str], types: Collection[str] = ()) -> tuple[str, ...]:
    """Names with grids and suites replaced by their members, each once.

    Raises:
        UnknownNameError: A name or a type that does not exist.
    """
    for kind in types:
        if kind not in TYPES:
            raise UnknownNameError(f"no type is called {kind}{suggest(kind, TYPES)}")
    asked = asked or (["all"] if types else [DEFAULT_SUITE])
    return tuple(dict.fromkeys(name for each in asked for name in _members(each)))


def is_path(name: str) -> bool:
    """Whether a name is a scenario file's path rather than a built-in name."""
    return name.endswith(SUFFIX) or "/" in name


@cache
def _files() -> Mapping[str, Mapping[str, ScenarioFile]]:
    """The scenarios of each built-in file, by their names."""
    folder = files("pipeline") / "scenarios"
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    found = {}
    for entry in entries:
        if entry.name.endswith(SUFFIX):
            parsed = parse_scenario_files(entry.read_bytes(), entry.name, Path())
            found[entry.name.removesuffix(SUFFIX)] = {each.name: each for each in parsed}
    return found


def _members(name: str) -> Iterable[str]:
    if is_path(name) or name in names():
        return (name,)
    for several in (grids(), suites()):
        if name in several:
            return several[name]
    known = (*names(), *grids(), *suites())
    raise UnknownNameError(f"no scenario or suite is called {name}{suggest(name, known)}")


def _check_overrides(chosen: Sequence[ScenarioFile], overrides: Mapping[str, str]) -> None:
    known = {parameter for each in chosen for parameter in each.parameters} | set(SUBJECT_KEYS)
    for key in overrides:
        if key not in known:
            raise UnknownNameError(f"--set: no parameter is called {key}{suggest(key, known)}")


def _check_unique(scenarios: Sequence[Scenario]) -> None:
    seen: set[str] = set()
    for scenario in scenarios:
        if scenario.name in seen:
            raise ScenarioFileError(f"two scenarios are called {scenario.name}; rename one")
        seen.add(scenario.name)


def _has_type(scenario: Scenario, types: Collection[str]) -> bool:
    return not types or "all" in types or scenario.type in types
