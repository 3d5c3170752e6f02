"""Which reads the ledger finds legal."""

import asyncio
import random

import pytest

from pipeline.data import Data, Sizes
from workers.ledger import Findings, Ledger
from workers.values import Values

KEY = "simple:1"


@pytest.fixture
def values() -> Values:
    """The values of one seed."""
    return Values(3, Data())


@pytest.fixture
def ledger(values: Values) -> Ledger:
    """A ledger of a key that nobody has written."""
    return Ledger(values)


def _write(ledger: Ledger) -> object:
    write, value = ledger.begin_write(KEY)
    ledger.acknowledge(write)
    return value


def _delete(ledger: Ledger) -> None:
    ledger.acknowledge(ledger.begin_delete(KEY))


def test_the_base_value_is_legal_until_it_is_written_over(ledger: Ledger) -> None:
    """An untouched key reads as the origin has it; after a write that value is stale."""
    base = ledger.truth(KEY)
    ledger.check(KEY, base, ledger.clock)
    _write(ledger)
    ledger.check(KEY, base, ledger.clock)
    assert ledger.findings == Findings(values_checked=2, stale_reads=1)


def test_a_read_that_began_before_the_acknowledgement_may_see_either(ledger: Ledger) -> None:
    """While a write is on its way the old and the new value are legal."""
    base = ledger.truth(KEY)
    write, value = ledger.begin_write(KEY)
    began = ledger.clock
    ledger.check(KEY, value, began)
    ledger.acknowledge(write)
    ledger.check(KEY, base, began)
    ledger.check(KEY, value, ledger.clock)
    assert ledger.findings == Findings(values_checked=3)


def test_of_two_overlapping_writes_either_may_win(ledger: Ledger) -> None:
    """The one acknowledged first may have been the last to take effect."""
    first, first_value = ledger.begin_write(KEY)
    second, second_value = ledger.begin_write(KEY)
    ledger.acknowledge(first)
    ledger.acknowledge(second)
    for value in (first_value, second_value, first_value):
        ledger.check(KEY, value, ledger.clock)
    assert ledger.findings == Findings(values_checked=3)
    _write(ledger)
    ledger.check(KEY, first_value, ledger.clock)
    assert ledger.findings.stale_reads == 1


def test_a_write_that_raised_may_show_at_any_time(ledger: Ledger) -> None:
    """It may have taken effect, may yet, or never: its value and the one before are legal."""
    base = ledger.truth(KEY)
    _failed, value = ledger.begin_write(KEY)
    for seen in (base, value, base):
        ledger.check(KEY, seen, ledger.clock)
    assert ledger.findings == Findings(values_checked=3)


def test_a_value_after_its_delete_is_resurrected(ledger: Ledger) -> None:
    """What is loaded afresh after a delete is legal, what was there before is not."""
    value = _write(ledger)
    _delete(ledger)
    ledger.check(KEY, ledger.truth(KEY), ledger.clock)
    assert ledger.findings == Findings(values_checked=1)
    ledger.check(KEY, value, ledger.clock)
    assert ledger.findings == Findings(values_checked=2, resurrected_reads=1)


def test_a_load_that_overlaps_a_write_loses(ledger: Ledger) -> None:
    """What a load brought from before a delete and a write is stale once that is acknowledged."""
    loaded = ledger.truth(KEY)
    _delete(ledger)
    _write(ledger)
    ledger.check(KEY, loaded, ledger.clock)
    assert ledger.findings == Findings(values_checked=1, stale_reads=1)


def test_a_reborn_value_loses_against_a_write_begun_after_the_delete(ledger: Ledger) -> None:
    """A load before a write brings the reborn value, which the write then replaces for good."""
    _delete(ledger)
    reborn = ledger.truth(KEY)
    write, _value = ledger.begin_write(KEY)
    ledger.check(KEY, reborn, ledger.clock)
    ledger.acknowledge(write)
    ledger.check(KEY, reborn, ledger.clock)
    assert ledger.findings == Findings(values_checked=2, stale_reads=1)


def test_a_load_during_a_delete_brings_what_the_delete_leaves(ledger: Ledger) -> None:
    """A cache may end a delete long before its caller hears of it, and load afresh meanwhile."""
    value = _write(ledger)
    delete = ledger.begin_delete(KEY)
    loaded = ledger.truth(KEY)
    assert loaded != value
    ledger.acknowledge(delete)
    ledger.check(KEY, loaded, ledger.clock)
    assert ledger.findings == Findings(values_checked=1)


def _clear(ledger: Ledger) -> None:
    ledger.acknowledge(ledger.begin_clear())


def test_a_clear_makes_nothing_illegal_but_what_was_replaced_already(ledger: Ledger) -> None:
    """The origin still has the newest value; after a clear nobody can have an older one."""
    value = _write(ledger)
    _clear(ledger)
    ledger.check(KEY, value, ledger.clock)
    assert ledger.findings == Findings(values_checked=1)
    ledger.begin_write(KEY)
    ledger.check(KEY, value, ledger.clock)
    began = ledger.clock
    clear = ledger.begin_clear()
    ledger.check(KEY, value, began)
    ledger.acknowledge(clear)
    ledger.check(KEY, value, began)
    assert ledger.findings == Findings(values_checked=4)
    ledger.check(KEY, value, ledger.clock)
    assert ledger.findings == Findings(values_checked=5, stale_reads=1)


def test_a_clear_that_raised_or_came_before_the_write_proves_nothing(ledger: Ledger) -> None:
    """Only copies that were removed for certain can't be seen again."""
    value = _write(ledger)
    _clear(ledger)
    ledger.begin_write(KEY)
    ledger.begin_clear()
    ledger.check(KEY, value, ledger.clock)
    assert ledger.findings == Findings(values_checked=1)


@pytest.mark.parametrize("size", [8, 200])
def test_a_value_is_found_whether_or_not_it_tells_its_revision(size: int) -> None:
    """Texts of a few bytes are searched for, others are looked up."""
    ledger = Ledger(Values(3, Data(sizes=Sizes(bytes=size))))
    base, old = ledger.truth(KEY), _write(ledger)
    _write(ledger)
    for seen in (base, old, "made up!"):
        ledger.check(KEY, seen, ledger.clock)
    assert ledger.findings == Findings(values_checked=3, stale_reads=2, wrong_values=1)


def test_another_keys_value_is_wrong(ledger: Ledger, values: Values) -> None:
    """Mixed keys, made-up values and None are wrong, whenever they are read."""
    for value in (values.value("simple:2", 0), "made up", None):
        ledger.check(KEY, value, 0)
    assert ledger.findings == Findings(values_checked=3, wrong_values=3)


def test_none_is_legal_once_the_origin_has_answered_it(ledger: Ledger) -> None:
    """Until a write that began after it is acknowledged; another answer makes it legal again."""
    ledger.truth(KEY)
    ledger.origin_answered_none(KEY)
    ledger.check(KEY, None, ledger.clock)
    write, _value = ledger.begin_write(KEY)
    ledger.check(KEY, None, ledger.clock)
    ledger.acknowledge(write)
    ledger.check(KEY, None, ledger.clock)
    assert ledger.findings == Findings(values_checked=3, stale_reads=1)
    ledger.origin_answered_none(KEY)
    ledger.check(KEY, None, ledger.clock)
    assert ledger.findings == Findings(values_checked=4, stale_reads=1)


def test_the_first_of_each_kind_is_kept_as_evidence(ledger: Ledger) -> None:
    """With what wrote it and what replaced it; each phase begins afresh."""
    base = ledger.truth(KEY)
    _write(ledger)
    began_ns = ledger.clock
    ledger.check(KEY, base, began_ns)
    _write(ledger)
    ledger.check(KEY, base, ledger.clock)
    evidence = ledger.evidence["stale_reads"]
    assert (evidence.key, evidence.value, evidence.began_ns) == (KEY, base, began_ns)
    assert evidence.made is not None
    assert evidence.replaced is not None
    assert evidence.made.end < evidence.replaced.begin < evidence.replaced.end < began_ns
    assert began_ns < evidence.seen_ns
    ledger.begin_phase()
    assert ledger.evidence == {}


async def test_no_history_of_a_register_is_ever_reported(ledger: Ledger) -> None:
    """Writers, deleters and readers of one true register, at random moments, are all legal."""
    chance = random.Random(11)
    stored: list[object] = []

    async def moment() -> None:
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)

    async def change(*, deletes: bool) -> None:
        write, value = (ledger.begin_delete(KEY), None) if deletes else ledger.begin_write(KEY)
        await moment()
        stored[:] = [] if deletes else [value]
        await moment()
        ledger.acknowledge(write)

    async def read() -> None:
        began = ledger.clock
        await moment()
        if stored:
            seen = stored[0]
            await moment()
            ledger.check(KEY, seen, began)

    async def user() -> None:
        for _ in range(400):
            action = chance.randrange(6)
            await (change(deletes=action == 0) if action < 2 else read())

    await asyncio.gather(*(user() for _ in range(6)))
    assert ledger.findings.values_checked > 500
    assert ledger.findings == Findings(values_checked=ledger.findings.values_checked)
