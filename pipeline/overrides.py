"""Which of the user's overrides set a scenario's figures apart from those of its defaults."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from pipeline.parameters import fill, parse_override, read_value
from pipeline.scenario_file import ScenarioFile
from pipeline.subject import SubjectSettings


def differing(file: ScenarioFile, overrides: Mapping[str, str]) -> dict[str, Any]:
    """The overrides that a scenario accepts and that say something else than it does by itself.

    Args:
        file: The scenario's file.
        overrides: Texts for parameters and for fields of `SubjectSettings`, of which those that
            mean nothing to this scenario are left out.

    Returns:
        Plain values in the types of the file, by name, sorted.

    Raises:
        ScenarioFileError: A text is not of its parameter's type.
    """
    defaults = {**_subject(file), **file.parameters}
    accepted = sorted(key for key in overrides if file.accepts(key))
    values = {key: _value(file, key, overrides[key]) for key in accepted}
    return {key: value for key, value in values.items() if value != defaults.get(key)}


def _value(file: ScenarioFile, key: str, text: str) -> Any:
    if key in file.parameters:
        return parse_override(key, text, file.parameters[key])
    return read_value(text)


def _subject(file: ScenarioFile) -> dict[str, Any]:
    given = fill(file.content.get("subject", {}), file.parameters)
    return {**dataclasses.asdict(SubjectSettings()), **(given if isinstance(given, dict) else {})}
