"""Estimated sizes: near the truth for what is regular, and bounded work for anything."""

import sys
from dataclasses import dataclass

import pytest

from cache.l1.sizes import estimated_bytes


@dataclass
class _Record:
    text: str


@pytest.mark.parametrize(
    ("value", "at_least"),
    [
        ("x" * 1_000, 1_000),
        (b"x" * 1_000, 1_000),
        (["x" * 1_000] * 50, 50_000),
        (("x" * 1_000,) * 50, 50_000),
        (dict.fromkeys(range(50), "x" * 1000), 50_000),
        ({"x" * 1_000 + str(number): 1 for number in range(50)}, 50_000),
        ([["x" * 1_000] * 10] * 10, 100_000),
        ({f"x{number}" * 100 for number in range(50)}, 10_000),
        (_Record("x" * 1_000), 1_000),
    ],
)
def test_what_is_inside_counts(value: object, at_least: int) -> None:
    """A container is as large as its items, and little larger."""
    assert at_least <= estimated_bytes(value) <= 1.5 * at_least + 6_000


def test_an_endless_value_has_a_size() -> None:
    """A list that holds itself is looked into a few levels deep."""
    value: list[object] = [1]
    value.append(value)
    assert estimated_bytes(value) >= sys.getsizeof(value)


def test_few_items_are_looked_at() -> None:
    """However long and nested a value is."""
    looked_at = 0

    class Item:
        __slots__ = ()

        def __sizeof__(self) -> int:
            nonlocal looked_at
            looked_at += 1
            return 100

    value = [[[Item()] * 1_000] * 1_000] * 1_000
    assert estimated_bytes(value) >= 100 * 1_000**3
    assert looked_at <= 8**3
