"""Which reads a shard's ledger finds legal: its own writes to the letter, others' by their form."""

import pytest

from pipeline.data import Data, Sizes
from workers.group import Alone, Gathering
from workers.ledger import Findings, Ledger
from workers.shared_ledger import SharedLedger
from workers.values import Values

KEY = "users:1"


@pytest.fixture
def values() -> Values:
    """The values of one seed."""
    return Values(3, Data(kind="users"))


def a_shard(number: int) -> Gathering:
    """One of two."""
    return Alone(number, 2)


@pytest.fixture
def own(values: Values) -> SharedLedger:
    """The second shard's ledger."""
    return SharedLedger(values, a_shard(1))


@pytest.fixture
def other(values: Values) -> SharedLedger:
    """The first shard's."""
    return SharedLedger(values, a_shard(0))


def _write(ledger: Ledger) -> object:
    write, value = ledger.begin_write(KEY)
    ledger.acknowledge(write)
    return value


def test_no_two_shards_make_the_same_value(own: Ledger, other: Ledger) -> None:
    """Though both count their own writes from one; the value that nobody wrote is everybody's."""
    assert own.truth(KEY) == other.truth(KEY)
    made = [_write(ledger) for ledger in (own, other) for _ in range(20)]
    assert len({str(value) for value in made}) == 40


def test_another_shards_values_are_legal_in_whatever_order(own: Ledger, other: Ledger) -> None:
    """Nobody here knows when they were written."""
    first, second = _write(other), _write(other)
    _write(own)
    for seen in (first, second, first, second, second):
        own.check(KEY, seen, own.clock)
    assert own.findings == Findings(values_checked=5)


def test_own_values_are_held_against_the_own_writes(own: Ledger, other: Ledger) -> None:
    """What this shard has replaced or deleted itself is stale, whatever others do."""
    old, _new = _write(own), _write(own)
    own.check(KEY, _write(other), own.clock)
    own.check(KEY, old, own.clock)
    assert own.findings == Findings(values_checked=2, stale_reads=1)
    own.acknowledge(own.begin_delete(KEY))
    own.check(KEY, old, own.clock)
    assert own.findings == Findings(values_checked=3, stale_reads=1, resurrected_reads=1)


def test_the_value_that_nobody_wrote_may_come_back(own: Ledger, values: Values) -> None:
    """Another shard's origin may load it where a key was removed or evicted."""
    _write(own)
    own.check(KEY, values.value(KEY, 0), own.clock)
    assert own.findings == Findings(values_checked=1)


def test_values_that_no_shard_can_have_written_are_wrong(own: Ledger, values: Values) -> None:
    """Damaged, mixed up, or with the number of a write of its own that never was."""
    damaged = {**values.value(KEY, 2), "age": 1_000}
    strangers = (damaged, values.value("users:2", 2), values.value(KEY, 1), values.value(KEY, 9))
    for seen in (*strangers, None, "made up"):
        own.check(KEY, seen, own.clock)
    assert own.findings == Findings(values_checked=6, wrong_values=6)


def test_of_texts_too_small_to_tell_the_length_is_checked() -> None:
    """All that can be said of a few bytes is how many they are."""
    values = Values(3, Data(kind="users", sizes=Sizes(bytes=4)))
    own = SharedLedger(values, a_shard(1))
    for seen in (values.value(KEY, 2), values.value(KEY, 40), "no", None):
        own.check(KEY, seen, own.clock)
    assert own.findings == Findings(values_checked=4, wrong_values=2)


def test_none_is_left_to_the_checker_where_an_origin_may_answer_it(values: Values) -> None:
    """Whose origin it was and when, only all workers together know."""
    own = SharedLedger(values, a_shard(1), nones=True)
    own.check(KEY, None, own.clock)
    assert own.findings == Findings(values_checked=1)
