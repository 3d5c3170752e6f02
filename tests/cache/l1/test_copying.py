"""A copy equals its original and shares nothing with it that anyone could change."""

import datetime as dt
import decimal
import enum
import fractions
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest

from cache.codec import encode
from cache.errors import InvalidValueError
from cache.l1.copying import copied, copier_for, flat_copier_for


@dataclass
class _Mutable:
    items: list[int] = field(default_factory=lambda: [1])


@dataclass(frozen=True)
class _Key:
    """Hashable, and yet it holds a list."""

    items: list[int] = field(default_factory=lambda: [1], hash=False)


class _Pair(NamedTuple):
    left: Any
    right: Any


class _Colour(enum.Enum):
    RED = 1


class _Text(str):
    """A subclass may carry attributes, so it is none of the plain leaves."""

    __slots__ = ("notes",)


LEAVES = [
    None,
    True,
    2**80,
    1.5,
    "a",
    b"a",
    1j,
    range(3),
    fractions.Fraction(1, 3),
    decimal.Decimal("1.10"),
    uuid.UUID(int=1),
    dt.date(2024, 1, 2),
    dt.time(1, 2),
    dt.datetime(2024, 1, 2, tzinfo=dt.UTC),
    dt.timedelta(1),
]


@pytest.mark.parametrize(
    "value",
    [
        [1, "a"],
        {"a": 1},
        {"a": [1, {"b": [2]}]},
        [_Mutable()],
        {"a": _Mutable()},
        {"a": {"b": _Mutable()}},
        [[_Mutable()]],
        {"a": [1, _Mutable()]},
        {_Key(): 1},
        {"a": {_Key(): 1}},
        ([1],),
        {"a": ([1],)},
        {1, 2},
        bytearray(b"a"),
        OrderedDict(a=[1]),
        {"a": OrderedDict(b=1)},
        [[1], {2}],
        [[1], (2, [3])],
        [[1], _Pair(1, [2])],
        [_Pair([1], 2)],
        {1: [1], None: {True: [2]}, b"a": (1,), 1.5: [_Colour.RED]},
        [[1], frozenset({1, (2, 3)})],
        {"a": [_Text("b")]},
        *([[leaf], leaf] for leaf in LEAVES),
        *({leaf: [leaf]} for leaf in LEAVES),
    ],
)
def test_nothing_mutable_is_shared(value: object) -> None:
    """Wherever in the value it stands."""
    copy = copied(value)
    assert copy == value
    assert _types(copy) == _types(value)
    assert not {id(part) for part in _mutable(copy)} & {id(part) for part in _mutable(value)}


@pytest.mark.parametrize(
    "value",
    [*LEAVES, (), (1, "a"), frozenset({1}), (1, (2, frozenset({3, (4,)}))), frozenset({(1, 2)})],
)
def test_what_nobody_can_change_is_shared(value: object) -> None:
    """A copy would only cost time."""
    assert copier_for(value) is None
    assert copied(value) is value


def test_leaves_of_a_tree_are_shared() -> None:
    """Only what holds them is made anew, where all of them are of the usual types."""
    leaves = [leaf for leaf in LEAVES if type(leaf) not in {complex, range, fractions.Fraction}]
    value = {"leaves": leaves, "inner": (leaves,)}
    copy = copied(value)
    assert all(one is other for one, other in zip(copy["leaves"], leaves, strict=True))
    assert all(one is other for one, other in zip(copy["inner"][0], leaves, strict=True))


def test_a_tree_that_holds_itself_keeps_its_shape() -> None:
    """A cycle is copied as a cycle."""
    value: list[Any] = [1]
    value.append(value)
    copy = copied(value)
    assert copy is not value
    assert copy[1] is copy


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_value_nested_too_deeply_is_refused(kind: type) -> None:
    """Python can neither copy nor compare what is nested deeper than its own calls."""
    value: object = kind()
    for _ in range(100_000):
        value = kind([value])
    with pytest.raises(InvalidValueError, match=f"a {kind.__name__} can't be copied"):
        copied(value)


@pytest.mark.parametrize(
    "value", [{}, [], {"a": 1, "b": None}, [1, "a", 2.5, True], {"": "}"}, ["]"]]
)
def test_a_flat_container_has_a_copier_of_its_own(value: Any) -> None:
    """It makes an equal container that is another object."""
    copier = flat_copier_for(value, encode(value))
    assert copier is not None
    copy = copier(value)
    assert copy == value
    assert copy is not value
    assert type(copy) is type(value)


@pytest.mark.parametrize(
    "value",
    [{"a": {}}, {"a": []}, [[]], [{}], [1, [2]], {"a": 1, "b": [1]}, {"a": "["}, ["{"], {"{": 1}],
)
def test_what_may_hold_a_container_has_no_flat_copier(value: Any) -> None:
    """A bracket past the first is one too many, also where it only stands in a text."""
    assert flat_copier_for(value, encode(value)) is None


def _mutable(value: object) -> Iterator[object]:
    """Everything in a value that can be changed, the value itself first."""
    if isinstance(value, dict):
        yield value
        for pair in value.items():
            yield from _mutable(pair)
    elif isinstance(value, list | tuple):
        if isinstance(value, list):
            yield value
        for item in value:
            yield from _mutable(item)
    elif isinstance(value, _Mutable | _Key):
        yield value.items
    elif isinstance(value, set | bytearray):
        yield value


def _types(value: object) -> object:
    """The exact types of a value and of all that it holds."""
    if isinstance(value, dict):
        return type(value), [(_types(key), _types(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [_types(item) for item in value]
    return type(value)
