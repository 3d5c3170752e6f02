"""How a history travels between workers, each operation once."""

import numpy as np
import pytest

from tests.workers.checker.logs import A, B, answer, changes, clear, delete, write
from workers.checker.log import CHANGE, NEVER, NOTHING, decode, encode, joined
from workers.errors import HistoryError

EVERYTHING = changes(
    write(A, 1, 100, 110, shard=1),
    write(B, 4, 90, NEVER, shard=1),
    delete(A, 2, 120, 2**61, shard=1),
    clear(130, NEVER, shard=1),
    answer(B, NOTHING, 140, shard=1),
)
NONE = np.zeros(0, dtype=CHANGE)


@pytest.mark.parametrize("offset_ns", [0, 5, -(10**18)])
def test_rows_come_as_they_were_sent(offset_ns: int) -> None:
    """On the clock of whoever decodes them; what was never acknowledged stays so."""
    assert decode(encode(EVERYTHING, offset_ns), offset_ns).tolist() == EVERYTHING.tolist()
    moved = decode(encode(EVERYTHING, 7), 0)
    assert moved["began"].tolist() == (EVERYTHING["began"] + 7).tolist()
    assert moved["acked"][1] == NEVER


def test_nothing_is_no_bytes() -> None:
    """Who has changed nothing hands over nothing."""
    assert encode(NONE, 3) == b""
    assert len(decode(b"", 3)) == 0


def test_what_repeats_itself_is_compressed() -> None:
    """A row of 56 bytes takes a few of them."""
    rows = changes(*(write(A, number, 10 * number, 10 * number + 5) for number in range(5_000)))
    assert len(encode(rows, 0)) < 5 * len(rows)


def test_phases_and_workers_are_joined() -> None:
    """In the order of their handing over."""
    other = changes(write(A, 9, 50, 60, shard=0))
    first = joined(NONE, [other, EVERYTHING[:2]])
    whole = joined(first, [NONE, EVERYTHING[2:]])
    assert whole.tolist() == [*other.tolist(), *EVERYTHING.tolist()]


@pytest.mark.parametrize(
    ("again", "said"),
    [
        (EVERYTHING[1:], "change 1 of worker 1 was handed over twice"),
        (EVERYTHING, "change 0 of worker 1 was handed over twice"),
        (EVERYTHING[3:], "change 2 of worker 1 is missing"),
    ],
)
def test_an_operation_that_comes_twice_or_never_is_an_error(again: object, said: str) -> None:
    """Nothing is counted twice, nor left out unnoticed."""
    with pytest.raises(HistoryError, match=said):
        joined(EVERYTHING[:2], [again])


def test_a_write_that_was_noted_twice_is_an_error() -> None:
    """Each revision of a key is written once."""
    twice = changes(write(A, 1, 100, 110), write(A, 1, 200, 210))
    with pytest.raises(HistoryError, match="noted twice"):
        joined(NONE, [twice])
