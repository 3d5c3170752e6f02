"""Series by what sets them apart: scenario, subject, settings, and where needed the class."""

import json
from collections.abc import Collection
from typing import Any

from rich.text import Text

from results.series import SeriesKey


def title_of(key: SeriesKey, others: Collection[SeriesKey] = ()) -> Text:
    """`small, multilevel, users=4 (phase read)`, with the class of machine where others differ."""
    phase = [] if key.phase is None else [f"phase {key.phase}"]
    parts = [key.scenario, key.subject, settings_of(key), *phase]
    title = Text(", ".join(filter(None, parts)), style="bold")
    alike = [each for each in others if _without_class(each) == _without_class(key)]
    if len({each.environment_class for each in alike}) > 1:
        title.append(f"\n{key.environment_class}", style="not bold")
    return title


def settings_of(key: SeriesKey) -> str:
    """What the user set to something else than the scenario says: `users=4 enable_l3=false`."""
    found = json.loads(key.parameters)
    return " ".join(f"{name}={_plain(value)}" for name, value in found.items())


def told_key(key: SeriesKey) -> dict[str, Any]:
    """What sets a series apart, as JSON-able data."""
    return {
        "scenario": key.scenario,
        "subject": key.subject,
        "parameters": json.loads(key.parameters),
        "phase": key.phase,
        "environment_class": key.environment_class,
    }


def _without_class(key: SeriesKey) -> tuple[str, str, str, str, str | None]:
    return key.metric, key.scenario, key.subject, key.parameters, key.phase


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
