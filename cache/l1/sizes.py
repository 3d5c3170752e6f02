"""What a value in memory takes, estimated in bounded time whatever its size."""

import sys
from collections.abc import Collection
from itertools import islice
from typing import Any, Final

_DEPTH: Final = 3
_SAMPLED: Final = 8
_UNKNOWN: Final = 64


def estimated_bytes(value: Any, depth: int = _DEPTH) -> int:
    """Return roughly how many bytes a value takes in memory.

    Of each container only the first few items are looked at, and they stand for the others.

    Args:
        value: Anything.
        depth: How many levels of containers to look into.
    """
    size = sys.getsizeof(value, _UNKNOWN)
    if not depth:
        return size
    if isinstance(value, dict):
        return size + _items_bytes(value, depth) + _items_bytes(value.values(), depth)
    if isinstance(value, list | tuple | set | frozenset):
        return size + _items_bytes(value, depth)
    attributes = getattr(value, "__dict__", None)
    return size if attributes is None else size + estimated_bytes(attributes, depth)


def _items_bytes(items: Collection[Any], depth: int) -> int:
    if not items:
        return 0
    sample = [estimated_bytes(item, depth - 1) for item in islice(items, _SAMPLED)]
    return sum(sample) * len(items) // len(sample)
