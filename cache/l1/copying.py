"""Decides, once for each value stored, how its readers get copies of their own."""

import copy
import datetime as dt
import decimal
import fractions
import uuid
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, Final

import msgspec

from cache.errors import InvalidValueError

Copier = Callable[[Any], Any]

_LEAVES: Final = (
    bytes,
    dt.date,
    dt.datetime,
    dt.time,
    dt.timedelta,
    decimal.Decimal,
    uuid.UUID,
)
_PLAIN: Final = frozenset({*_LEAVES, type(None), bool, int, float, str})
_CONTAINERS: Final = frozenset({dict, list, tuple})
_TREE: Final = _PLAIN | _CONTAINERS

SHARED: Final = _PLAIN | {complex, range, fractions.Fraction}
"""Types that nobody can change; compared exactly, for a subclass may carry mutable attributes."""

# Made for another purpose, it copies nested dicts, lists and tuples four times as fast as Python
# can, and hands the leaves on as they are.
_copy_tree: Final[Copier] = partial(msgspec.to_builtins, builtin_types=_LEAVES)


def copier_for(value: Any) -> Copier | None:
    """Return the cheapest function that copies ``value`` wholly, None when it can be shared."""
    kind = type(value)
    if kind in SHARED:
        return None
    if kind is dict:
        if SHARED.issuperset(map(type, value.values())) and SHARED.issuperset(map(type, value)):
            return dict.copy
    elif kind is list and SHARED.issuperset(map(type, value)):
        return list.copy
    try:
        return _nested_copier(kind, value)
    except RecursionError:
        return _deep_copy


def flat_copier_for(value: Any, payload: bytes) -> Copier | None:
    """Return the function that copies a dict or list of immutable values, None for any other.

    Args:
        value: What ``payload`` decodes to.
        payload: JSON. A bracket past the first says that something may lie within, as one in a
            text does by mistake; to look at each item would take longer than the copy.
    """
    if payload.find(b"{", 1) >= 0 or payload.find(b"[", 1) >= 0:
        return None
    return dict.copy if type(value) is dict else list.copy


def copied(value: Any) -> Any:
    """Return a copy of ``value`` that shares nothing mutable with it.

    Raises:
        InvalidValueError: The value can't be copied.
    """
    copier = copier_for(value)
    return value if copier is None else copier(value)


def _nested_copier(kind: type, value: Any) -> Copier | None:
    if _can_be_shared(value):
        return None
    return _copy_tree if kind in _CONTAINERS and _is_tree(kind, value) else _deep_copy


def _can_be_shared(value: Any) -> bool:
    """Tell whether ``value`` is immutable through and through."""
    kind = type(value)
    if kind is tuple or kind is frozenset:
        return SHARED.issuperset(map(type, value)) or all(map(_can_be_shared, value))
    return kind in SHARED


def _is_tree(kind: type, value: Any) -> bool:
    """Tell whether ``value`` is made of exact dicts, lists, tuples and plain leaves alone."""
    items: Collection[Any] = value
    if kind is dict:
        if not _PLAIN.issuperset(map(type, value)):
            return False
        items = value.values()
    kinds = set(map(type, items))
    if not kinds <= _TREE:
        return False
    if kinds.isdisjoint(_CONTAINERS):
        return True
    return all(_is_tree(type(item), item) for item in items if type(item) in _CONTAINERS)


def _deep_copy(value: Any) -> Any:
    try:
        return copy.deepcopy(value)
    except Exception as error:
        # A value's own __deepcopy__ or __reduce__ may raise anything at all.
        msg = (
            f"a {type(value).__name__} can't be copied ({type(error).__name__}), and a cache must "
            "not hand one object to several readers: cache its data instead"
        )
        raise InvalidValueError(msg) from error
