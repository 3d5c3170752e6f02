"""Rows that are noted while a load runs."""

from workers.checker.log import READ
from workers.checker.rows import Rows


def test_rows_are_taken_once_in_their_order() -> None:
    """Over as many blocks as it takes."""
    rows = Rows(READ)
    numbers = [(number, -number, 2**62, 0) for number in range(40_000)]
    for each in numbers:
        rows.note(*each)
    assert rows.taken().tolist() == numbers
    assert rows.taken().tolist() == []
    rows.note(1, 2, 3, 4)
    assert rows.taken().tolist() == [(1, 2, 3, 4)]
