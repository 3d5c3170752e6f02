"""The JSON schema of scenario files, made from the vocabulary, for editors and checks."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import TypeAdapter

from pipeline import data, fault, load, scenario, subject
from pipeline.docstrings import keys_of, summary_of
from pipeline.expectation_checks import TIERS
from pipeline.servers.base import L2_SETTINGS
from results.expectation import Expectation
from results.metrics import METRICS

Node = dict[str, Any]

PARTS: tuple[type, ...] = (
    scenario.Phase,
    fault.Fault,
    scenario.HitRatioTarget,
    scenario.Slo,
    load.ClosedLoad,
    load.OpenLoad,
    load.SearchLoad,
    load.TraceLoad,
    load.KeyChoice,
    data.Data,
    data.Sizes,
    data.TtlShare,
    subject.SubjectSettings,
    Expectation,
)
"""The tables of a scenario file; the file itself is a `Scenario`."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PARAMETER = {"$ref": "#/$defs/parameter"}
_GRID = {
    "description": (
        "Makes many scenarios of the file: `[grid.AXIS.CELL]` holds what differs there, `with` the "
        "cells of other axes with which alone it is combined. `$AXIS` in a text is the cell's name."
    ),
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "^[a-z0-9][a-z0-9_]*$"},
        "additionalProperties": {"type": "object"},
    },
}
_PARAMETERS = {
    "description": 'Names with defaults: `"$name"` stands for the value, `--set` replaces it.',
    "type": "object",
    "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
    "additionalProperties": {"type": ["string", "number", "boolean"]},
}


def scenario_schema() -> Node:
    """The schema (draft 2020-12) of a scenario file.

    It knows each key, its type and its bounds. What must hold between keys is told by
    `bench scenarios FILE`.
    """
    made = TypeAdapter(scenario.Scenario).json_schema()
    tables = {part.__name__: _table(part, made["$defs"][part.__name__]) for part in PARTS}
    _default_to_closed(tables)
    _name_what_exists(tables)
    file = _table(scenario.Scenario, made)
    file["properties"]["l2_settings"]["propertyNames"] = {"enum": sorted(L2_SETTINGS)}
    file["properties"]["parameters"] = _PARAMETERS
    file["properties"]["grid"] = _GRID
    parameter = {
        "description": "Stands for the value of a parameter.",
        "type": "string",
        "pattern": r"^\$[A-Za-z_][A-Za-z0-9_]*$",
    }
    return {
        "$schema": _DIALECT,
        **file,
        "title": "A scenario of Tierbench",
        "$defs": {**tables, "parameter": parameter},
    }


def _table(part: type, made: Node) -> Node:
    meanings = keys_of(part)
    keys = {name: _key(node, meanings.get(name)) for name, node in made["properties"].items()}
    return {
        "title": part.__name__,
        "description": summary_of(part),
        "type": "object",
        "properties": keys,
        "required": made.get("required", []),
        "additionalProperties": False,
    }


def _key(made: Node, meaning: str | None) -> Node:
    """What one key may hold: a null has no place in TOML, a default null is no default."""
    default = {"default": made["default"]} if made.get("default") is not None else {}
    kept = {key: node for key, node in made.items() if key not in ("title", "default")}
    described = {} if meaning is None else {"description": meaning.replace("None", "left out")}
    return {**described, **_or_parameter(kept), **default}


def _or_parameter(node: Node) -> Node:
    """The same, where each plain value may be that of a parameter."""
    node = {key: item for key, item in node.items() if key != "discriminator"}
    if "$ref" in node:
        return node
    if choices := [*_choices(node)]:
        open_ended = [_or_parameter(each) for each in choices]
        return open_ended[0] if len(open_ended) == 1 else {"anyOf": _flat(open_ended)}
    for holder in ("items", "additionalProperties"):
        if isinstance(node.get(holder), dict):
            node[holder] = _or_parameter(node[holder])
    plain = node.get("type") not in ("object", "array")
    return {"anyOf": [node, _PARAMETER]} if plain and not _any_text(node) else node


def _choices(node: Node) -> Iterator[Node]:
    for each in node.get("anyOf") or node.get("oneOf") or ():
        if each != {"type": "null"}:
            yield each


def _flat(choices: list[Node]) -> list[Node]:
    """One list of choices, with the parameter once and last."""
    found = [each for choice in choices for each in choice.get("anyOf", [choice])]
    plain = [each for each in found if each != _PARAMETER]
    return plain if plain == found else [*plain, _PARAMETER]


def _any_text(node: Node) -> bool:
    return node.get("type") == "string" and not node.keys() & {"enum", "const", "pattern"}


def _default_to_closed(tables: dict[str, Node]) -> None:
    """A load without a `kind` is a closed one, so the others have to say theirs."""
    for part in (load.OpenLoad, load.SearchLoad, load.TraceLoad):
        tables[part.__name__]["required"].insert(0, "kind")


def _name_what_exists(tables: dict[str, Node]) -> None:
    """List the names that are texts in the vocabulary, so that editors can complete them."""
    keys = tables["Expectation"]["properties"]
    for key, names in (
        ("metric", sorted(METRICS)),
        ("operation", get_args(load.Operation)),
        ("tier", TIERS),
    ):
        listed = {"type": "string", "enum": list(names)}
        keys[key] = {"description": keys[key]["description"], **_or_parameter(listed)}
