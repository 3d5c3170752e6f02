"""Decides, once for each value stored, how its readers get copies of their own."""

import copy
import datetime as dt
import decimal
import fractions
import uuid
from collections.abc import Callable
from typing import Any

from cache.errors import InvalidValueError

Copier = Callable[[Any], Any]

_IMMUTABLE = frozenset(
    {
        type(None),
        bool,
        int,
        float,
        complex,
        str,
        bytes,
        range,
        dt.date,
        dt.time,
        dt.datetime,
        dt.timedelta,
        decimal.Decimal,
        fractions.Fraction,
        uuid.UUID,
    }
)


def copier_for(value: Any) -> Copier | None:
    """Return the cheapest function that copies ``value`` wholly, None when it can be shared.

    Types are compared exactly: a subclass may carry mutable attributes.
    """
    kind = type(value)
    if kind in _IMMUTABLE:
        return None
    if kind is tuple or kind is frozenset:
        return None if _IMMUTABLE.issuperset(map(type, value)) else _deep_copy
    if kind is dict or kind is list:
        return _container_copier(value)
    return _deep_copy


def copied(value: Any) -> Any:
    """Return a copy of ``value`` that shares nothing mutable with it.

    Raises:
        InvalidValueError: The value can't be copied.
    """
    copier = copier_for(value)
    return value if copier is None else copier(value)


def _container_copier(value: Any) -> Copier:
    items = value.values() if type(value) is dict else value
    flat = _IMMUTABLE.issuperset(map(type, items))
    if type(value) is dict:
        flat_keys = _IMMUTABLE.issuperset(map(type, value))
        if flat and flat_keys:
            return dict.copy
    elif flat:
        return list.copy
    return _copy_tree if _is_tree(value) else _deep_copy


def _is_tree(value: Any) -> bool:
    """Tell whether ``value`` is made of exact dicts, lists and immutable leaves alone."""
    try:
        return _all_plain(value)
    except RecursionError:
        return False


def _all_plain(value: Any) -> bool:
    kind = type(value)
    if kind in _IMMUTABLE:
        return True
    if kind is dict:
        return _IMMUTABLE.issuperset(map(type, value)) and all(map(_all_plain, value.values()))
    return kind is list and all(map(_all_plain, value))


def _copy_tree(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        return {key: _copy_tree(item) for key, item in value.items()}
    if kind is list:
        return [_copy_tree(item) for item in value]
    return value


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
