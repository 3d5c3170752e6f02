"""Turns pydantic's errors about a scenario into lines that its author understands."""

import dataclasses
import json
import types
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic_core import ErrorDetails

from pipeline.nearest import suggest

KeyPath = tuple[str, ...]
"""The keys of a file that lead to a value."""

MISSING = object()

# Of so many words the nearest say more than all.
_LISTED = 12
_LONGEST_WORD = 64
_PLAIN = {int: "an integer", float: "a number", bool: "true or false", str: "a text"}
_SIGNS = ((Ge, "ge", ">="), (Gt, "gt", ">"), (Le, "le", "<="), (Lt, "lt", "<"))


@dataclasses.dataclass(frozen=True, slots=True)
class _Place:
    """Where an error is: the file's own key path, the type that belongs there, what was there."""

    path: KeyPath
    expected: Any
    value: Any
    owner: Any = None
    siblings: tuple[Any, ...] = ()


def lines(errors: Iterable[ErrorDetails], root: type, data: Mapping[str, Any]) -> list[str]:
    """One line for each place that is wrong, `KEY.PATH: expected ..., got ...`.

    Args:
        errors: What pydantic found.
        root: The dataclass that `data` was checked against.
        data: The file's content.
    """
    found: dict[KeyPath, str] = {}
    for error in errors:
        place = _locate(error["loc"], root, data)
        found.setdefault(place.path, _sentence(error, place))
    # A list whose items are all wrong is "too short" besides, which helps nobody.
    parents = {path[:length] for path in found for length in range(len(path))}
    told = {path: sentence for path, sentence in found.items() if path not in parents}
    return [
        f"{'.'.join(path)}: {sentence}" if path else sentence for path, sentence in told.items()
    ]


def describe(expected: Any) -> str:
    """What belongs where `expected` is the annotation, in words."""
    if get_origin(expected) is Annotated:
        plain, *constraints = get_args(expected)
        return f"{describe(plain)} {' and '.join(_bounds(constraints))}".strip()
    if get_origin(expected) in {Union, types.UnionType}:
        members = (member for member in get_args(expected) if member is not types.NoneType)
        return " or ".join(dict.fromkeys(describe(member) for member in members))
    if get_origin(expected) is Literal:
        choices = [json.dumps(choice) for choice in get_args(expected)]
        return choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}"
    if get_origin(expected) is tuple:
        return "a list"
    return _PLAIN.get(expected, "a table")


def shown(value: Any) -> str:
    """A value of a file, short and on one line."""
    limit = 60
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= limit else f"{text[:limit]}..."


def _bounds(constraints: Sequence[Any]) -> list[str]:
    words = [
        f"{sign} {getattr(constraint, attribute)}"
        for constraint in constraints
        for kind, attribute, sign in _SIGNS
        if isinstance(constraint, kind)
    ]
    if any(isinstance(constraint, MinLen) for constraint in constraints):
        words.append("that is not empty")
    patterns = (
        getattr(detail, "pattern", None)
        for constraint in constraints
        for detail in getattr(constraint, "metadata", ())
    )
    return words + [f"that matches {pattern}" for pattern in patterns if pattern]


def _sentence(error: ErrorDetails, place: _Place) -> str:
    if error["type"] == "unexpected_keyword_argument":
        return _unknown_key(place)
    if place.value is MISSING:
        return f"missing, expected {describe(place.expected)}"
    words = _words(place.expected)
    if len(words) > _LISTED and isinstance(place.value, str):
        return f"expected a word that is known, got {shown(place.value)}{_near(place.value, words)}"
    return f"expected {describe(place.expected)}, got {shown(place.value)}"


def _words(expected: Any) -> tuple[str, ...]:
    return get_args(expected) if get_origin(expected) is Literal else ()


def _near(word: str, words: Iterable[str]) -> str:
    return suggest(word[:_LONGEST_WORD], words)


def _unknown_key(place: _Place) -> str:
    key = place.path[-1]
    kinds = [_kind(each) for each in place.siblings if key in _keys(each)]
    if kinds:
        return f"not a key of kind = {_kind(place.owner)}, but of {' and '.join(kinds)}"
    return f"unknown key{suggest(key, _keys(place.owner))}"


def _keys(table: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(table)]


def _kind(table: Any) -> str:
    return " or ".join(json.dumps(kind) for kind in get_args(get_type_hints(table)["kind"]))


def _locate(loc: Sequence[int | str], root: type, data: Mapping[str, Any]) -> _Place:
    """Follow pydantic's path through types and data at once; its tags for unions are left out."""
    place = _Place((), root, data)
    for part in loc:
        if part == "[key]":
            return dataclasses.replace(place, value=place.path[-1], expected=_key_type(place.owner))
        place = _step(place, part) or place
    return _into_kind(place)


def _step(place: _Place, part: int | str) -> _Place | None:
    path = (*place.path, str(part))
    if isinstance(part, int) and isinstance(place.value, list):
        return _Place(path, get_args(_bare(place.expected))[0], place.value[part])
    if isinstance(part, int) or not isinstance(place.value, dict):
        return None
    if (table := _table(place)) is None:
        # A mapping has two arguments; what a damaged file stands for may have any number.
        item = next(iter(get_args(_bare(place.expected))[1:2]), None)
        return (
            _Place(path, item, place.value[part], place.expected) if part in place.value else None
        )
    hints = get_type_hints(table, include_extras=True)
    if part not in hints and part not in place.value:
        return None
    siblings = tuple(each for each in _members(place.expected) if each is not table)
    found = _Place(path, hints.get(part), place.value.get(part, MISSING), table)
    return dataclasses.replace(found, siblings=tuple(filter(dataclasses.is_dataclass, siblings)))


def _table(place: _Place) -> Any:
    """The dataclass that belongs here; of several the one that `kind` asks for."""
    members = [member for member in _members(place.expected) if dataclasses.is_dataclass(member)]
    kind = place.value.get("kind")
    for member in members[1:]:
        if kind in get_args(get_type_hints(member)["kind"]):
            return member
    return members[0] if members else None


def _into_kind(place: _Place) -> _Place:
    """An unknown `kind` is reported at its own key."""
    members = [member for member in _members(place.expected) if dataclasses.is_dataclass(member)]
    if len(members) > 1 and isinstance(place.value, dict):
        kinds = tuple(kind for each in members for kind in get_args(get_type_hints(each)["kind"]))
        return _Place((*place.path, "kind"), Literal[kinds], place.value.get("kind", MISSING))
    return place


def _members(expected: Any) -> tuple[Any, ...]:
    bare = _bare(expected)
    return get_args(bare) if get_origin(bare) in {Union, types.UnionType} else (bare,)


def _bare(expected: Any) -> Any:
    return get_args(expected)[0] if get_origin(expected) is Annotated else expected


def _key_type(mapping: Any) -> Any:
    return get_args(_bare(mapping))[0]
