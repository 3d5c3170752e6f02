"""The files that a scenario file names: they lie in its own folder, whoever wrote it.

A file from somebody else may be run without fear for what else lies on the disk: the bytes of a
trace are stored with the run. What `--set` names is the user's own word and lies anywhere.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.errors import ScenarioFileError
from pipeline.parameters import reference

_FILE_KEY = "trace"


def anchor(
    loads: Iterable[dict[str, Any]], parameters: dict[str, Any], folder: Path, source: str
) -> None:
    """Put the folder before each file that the loads name, by themselves or by a parameter.

    Args:
        loads: The tables of the loads; changed in place.
        parameters: The parameters' defaults; changed in place.
        folder: The scenario file's.
        source: The scenario file as errors name it.

    Raises:
        ScenarioFileError: One lies outside of the folder, `..` and symbolic links followed.
    """
    shared = set()
    for load in loads:
        named = load.get(_FILE_KEY)
        if (parameter := reference(named)) is None:
            _anchor(load, _FILE_KEY, folder, source)
        else:
            shared.add(parameter)
    for parameter in shared:
        _anchor(parameters, parameter, folder, source)


def _anchor(holder: dict[str, Any], key: str, folder: Path, source: str) -> None:
    named = holder.get(key)
    if not isinstance(named, str) or not named:
        return
    path = folder / named
    if not _lies_within(path, folder):
        raise ScenarioFileError(
            f"{source}: {key}: {named!r} is not in the scenario file's own folder; "
            "put it there, or make it a parameter and name it with --set"
        )
    holder[key] = str(path)


def _lies_within(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        # A loop of links, or a text that is no path.
        return False
