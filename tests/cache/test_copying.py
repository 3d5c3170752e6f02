"""A copy equals its original and shares nothing with it that anyone could change."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from cache.copying import copied, copier_for
from cache.errors import InvalidValueError


@dataclass
class _Mutable:
    items: list[int] = field(default_factory=lambda: [1])


@dataclass(frozen=True)
class _Key:
    """Hashable, and yet it holds a list."""

    items: list[int] = field(default_factory=lambda: [1], hash=False)


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
    ],
)
def test_nothing_mutable_is_shared(value: object) -> None:
    """Wherever in the value it stands."""
    copy = copied(value)
    assert copy == value
    assert type(copy) is type(value)
    assert not {id(part) for part in _mutable(copy)} & {id(part) for part in _mutable(value)}


@pytest.mark.parametrize("value", [None, 1, "a", b"a", (1, "a"), frozenset({1}), range(3)])
def test_what_nobody_can_change_is_shared(value: object) -> None:
    """A copy would only cost time."""
    assert copier_for(value) is None
    assert copied(value) is value


def test_a_value_nested_too_deeply_is_refused() -> None:
    """Python can neither copy nor compare what is nested deeper than its own calls."""
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(InvalidValueError, match="a list can't be copied"):
        copied(value)


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
