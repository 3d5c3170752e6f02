"""Parameters of scenario files: `"$name"` stands for a value that `--set name=...` may replace."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.errors import ScenarioFileError
from pipeline.wording import KeyPath, shown

_REFERENCE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_DEPTH = 16
_KINDS = {bool: "true or false", int: "an integer", float: "a number"}


def reference(node: Any) -> str | None:
    """The name of the parameter that a value of a file stands for; None where it is a plain one."""
    found = _REFERENCE.fullmatch(node) if isinstance(node, str) else None
    return found[1] if found else None


def leaves(node: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Every plain value of a part of a file, with the keys that lead to it.

    Raises:
        RecursionError: Tables or lists lie in each other deeper than any scenario needs.
    """
    if len(path) > _DEPTH:
        raise RecursionError(f"nested deeper than {_DEPTH} tables and lists")
    if isinstance(node, dict | list):
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, item in items:
            yield from leaves(item, (*path, str(key)))
    else:
        yield path, node


def fill(node: Any, values: Mapping[str, Any]) -> Any:
    """A part of a file with each parameter replaced by its value.

    Args:
        node: Tables, lists and plain values.
        values: The value of every parameter; a key whose parameter is `""` is left out.
    """
    if isinstance(node, dict):
        filled = {key: fill(item, values) for key, item in node.items()}
        return {k: v for k, v in filled.items() if not (v == "" and reference(node[k]))}
    if isinstance(node, list):
        return [fill(item, values) for item in node]
    name = reference(node)
    return node if name is None else values[name]


def parse_override(name: str, text: str, default: Any) -> Any:
    """An override in its default's type; where the default is `""`, a number or else the text.

    Args:
        name: The parameter.
        text: What the user wrote.
        default: What the file says.

    Raises:
        ScenarioFileError: The text is not of the default's type.
    """
    value = read_value(text)
    if default == "":
        return value if isinstance(value, int | float) else text
    if isinstance(default, str):
        return text
    if type(value) is int and type(default) is float:
        value = float(value)
    if type(value) is not type(default):
        expected = _KINDS[type(default)]
        raise ScenarioFileError(f"--set {name}: expected {expected}, got {shown(text)}")
    return value


def read_value(text: str) -> Any:
    """The text as TOML reads a value; as it is where that isn't one."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text
