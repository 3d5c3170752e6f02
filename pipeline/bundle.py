"""All that a run takes along: its scenarios and the files that they need, by their SHA-256."""

import dataclasses
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline import catalogue
from pipeline.errors import ScenarioFileError, TraceFormatError, TraceLoadError
from pipeline.load import TraceLoad
from pipeline.overrides import differing
from pipeline.scenario import Phase, Scenario
from pipeline.trace import check_load, portion_of, read_trace
from results.records import StoredFile

MAX_FILE_BYTES = 64 << 20
_SHOWN_DIGITS = 12


@dataclasses.dataclass(frozen=True, slots=True)
class Bundle:
    """Scenarios with every parameter filled in and every file replaced by its SHA-256.

    Args:
        scenarios: In the order in which they run.
        files: What workers need beside them, each once.
        sources: The SHA-256 of a scenario's own file by its name; built-in ones have none.
        parameters: What sets a scenario's figures apart from its defaults', by its name; a file
            goes by its own name and the first digits of its SHA-256, wherever it lies.
    """

    scenarios: tuple[Scenario, ...]
    files: tuple[StoredFile, ...] = ()
    sources: Mapping[str, str] = dataclasses.field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)


def collect(
    names: Sequence[str], types: Collection[str] = (), overrides: Mapping[str, str] | None = None
) -> Bundle:
    """Read everything that the names mean; nothing is written.

    Args:
        names: Built-in scenarios, suites and paths of scenario files; `quick` where empty.
        types: Only scenarios of these types; all where empty.
        overrides: Texts for parameters and for fields of `SubjectSettings`.

    Raises:
        UnknownNameError: A name, a type or an override that does not exist.
        ScenarioFileError: A file that is not a scenario.
        TraceFormatError: A trace that can't be read.
        TraceLoadError: A trace that can't be replayed as a load says.
    """
    chosen = catalogue.resolve(names, types, overrides)
    files: dict[str, StoredFile] = {}
    sources = _sources(names, types, files)
    scenarios = tuple(_with_hashes(scenario, files) for scenario in chosen)
    shown = _shown_files(_traces(chosen), _traces(scenarios), files)
    parameters = {
        file.name: {key: shown.get(value, value) for key, value in set_apart.items()}
        for name in catalogue.expand(names, types)
        for file in catalogue.load_all(name)
        if (set_apart := differing(file, overrides or {}))
    }
    return Bundle(scenarios, tuple(files.values()), sources, parameters)


def _sources(
    names: Sequence[str], types: Collection[str], files: dict[str, StoredFile]
) -> dict[str, str]:
    paths = [name for name in catalogue.expand(names, types) if catalogue.is_path(name)]
    found: dict[str, str] = {}
    for path in paths:
        try:
            stored = _store(Path(path), files)
        except OSError as error:
            raise ScenarioFileError(f"{path}: {error.strerror or error}") from None
        found |= {file.name: stored.sha256 for file in catalogue.load_all(path)}
    return found


def _with_hashes(scenario: Scenario, files: dict[str, StoredFile]) -> Scenario:
    phases = []
    for phase in scenario.phases:
        try:
            phases.append(_with_hash(phase, files))
        except TraceLoadError as error:
            raise TraceLoadError(f"{scenario.name}: phase {phase.name}: {error}") from None
    return dataclasses.replace(scenario, phases=tuple(phases))


def _with_hash(phase: Phase, files: dict[str, StoredFile]) -> Phase:
    load = phase.load
    if not isinstance(load, TraceLoad):
        return phase
    if load.trace is None:
        check_load(load, "the synthetic trace", has_times=False)
        return phase
    stored = _stored_trace(Path(load.trace), files)
    portion_of(read_trace(stored.content, stored.name), load, stored.name)
    return dataclasses.replace(phase, load=dataclasses.replace(load, trace=stored.sha256))


def _stored_trace(path: Path, files: dict[str, StoredFile]) -> StoredFile:
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise TraceFormatError(f"{path}: expected a regular file")
        size_bytes = path.stat().st_size
        if size_bytes > MAX_FILE_BYTES:
            raise TraceFormatError(f"{path}: expected at most 64 MiB, got {size_bytes:,} bytes")
        return _store(path, files)
    except OSError as error:
        raise TraceFormatError(f"{path}: {error.strerror or error}") from None


def _traces(scenarios: Iterable[Scenario]) -> list[str]:
    loads = (phase.load for scenario in scenarios for phase in scenario.phases)
    return [load.trace for load in loads if isinstance(load, TraceLoad) and load.trace is not None]


def _shown_files(
    paths: Sequence[str], digests: Sequence[str], files: Mapping[str, StoredFile]
) -> dict[str, str]:
    return {
        path: f"{files[digest].name}@{digest[:_SHOWN_DIGITS]}"
        for path, digest in zip(paths, digests, strict=True)
    }


def _store(path: Path, files: dict[str, StoredFile]) -> StoredFile:
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    return files.setdefault(sha256, StoredFile(sha256=sha256, name=path.name, content=content))
