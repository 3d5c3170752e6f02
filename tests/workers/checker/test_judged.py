"""What reads may see, on histories worked out by hand, and against the definitions."""

import numpy as np
import pytest

from tests.workers.checker.logs import (
    BASE,
    A,
    B,
    answer,
    at_random,
    by_definition,
    changes,
    clear,
    delete,
    reads,
    write,
)
from workers.checker.judged import Judged, judge
from workers.checker.log import NEVER, NOTHING, Log
from workers.checker.repeats import repeated

TWO_WRITES = changes(answer(A, BASE, 10), write(A, 1, 100, 110), write(A, 2, 200, 230))


def judged(log: Log, *rows: tuple[int, int, int, int], shard: int = 0, error_ns: int = 0) -> Judged:
    """What is said of these reads."""
    return judge(log, reads(*rows), shard, error_ns)


@pytest.mark.parametrize(
    ("read", "staleness"),
    [
        ((A, BASE, 50, 60), None),
        ((A, BASE, 105, 300), None),
        ((A, BASE, 110, 120), 0),
        ((A, BASE, 400, 410), 290),
        ((A, 1, 229, 240), None),
        ((A, 1, 231, 240), 1),
        ((A, 2, 231, 240), None),
        ((A, 2, 210, 220), None),
    ],
)
def test_a_read_is_as_stale_as_the_first_write_that_replaced_what_it_saw(
    read: tuple[int, int, int, int], staleness: int | None
) -> None:
    """Until a write is acknowledged the older value is no wonder, after it each ns counts."""
    found = judged(TWO_WRITES, read)
    assert found.stale.tolist() == [staleness is not None]
    assert found.staleness_ns.tolist() == [staleness or 0]
    assert not found.impossible.any()


def test_what_nobody_had_written_yet_is_impossible() -> None:
    """From the future, from nowhere, or a value that no origin has answered."""
    log = changes(write(A, 1, 100, 110))
    found = judged(log, (A, 1, 80, 99), (A, 1, 80, 100), (A, 7, 200, 210), (A, BASE, 50, 60))
    assert found.impossible.tolist() == [True, False, True, True]
    assert not found.stale.any()


def test_of_overlapping_writes_either_may_win() -> None:
    """Only what began after the acknowledgement replaces a value for certain."""
    log = changes(write(A, 1, 100, 150), write(A, 2, 120, 130), write(A, 3, 160, 170))
    found = judged(log, (A, 1, 155, 156), (A, 2, 155, 156), (A, 2, 175, 176), (A, 1, 180, 181))
    assert found.staleness_ns.tolist() == [0, 0, 5, 10]
    assert found.stale.tolist() == [False, False, True, True]


def test_a_later_write_that_is_quicker_replaces_first() -> None:
    """The slow one in between was not acknowledged yet when the quick one was."""
    log = changes(write(A, 1, 100, 110), write(A, 2, 120, 500), write(A, 3, 130, 140))
    assert judged(log, (A, 1, 145, 150)).staleness_ns.tolist() == [5]


def test_a_write_that_raised_replaces_nothing_and_is_never_replaced() -> None:
    """It may take effect at any later time, or never."""
    log = changes(write(A, 1, 100, 110), write(A, 2, 120, NEVER), write(A, 3, 200, 210))
    found = judged(log, (A, 1, 190, 199), (A, 2, 500, 510), (A, 1, 500, 510))
    assert found.stale.tolist() == [False, False, True]


def test_a_delete_and_a_clear_end_what_was_there() -> None:
    """A delete that of its key, a clear that of all; what is loaded afterwards is new."""
    log = changes(
        write(A, 1, 100, 110), delete(A, 2, 150, 160), answer(A, 2, 170), clear(200, 210),
        write(B, 1, 100, 110), answer(B, 1, 300),
    )  # fmt: skip
    rows = ((A, 1, 161, 165), (A, 2, 175, 180), (A, 2, 220, 230), (B, 1, 190, 195))
    found = judged(log, *rows, (B, 1, 250, 260), (B, 1, 310, 320))
    assert found.staleness_ns.tolist() == [1, 0, 10, 0, 40, 0]


def test_what_a_delete_leaves_is_visible_only_once_an_origin_has_answered_it() -> None:
    """The delete itself shows nothing to anybody."""
    log = changes(delete(A, 1, 100, 110), answer(A, 1, 120))
    found = judged(log, (A, 1, 105, 115), (A, 1, 115, 125))
    assert found.impossible.tolist() == [True, False]


def test_what_a_delete_leaves_is_as_old_as_its_answer() -> None:
    """A delete that takes its time, or fails, makes no older load any younger."""
    for acked in (300, NEVER):
        log = changes(delete(A, 1, 100, acked), answer(A, 1, 120), write(A, 2, 150, 160))
        found = judged(log, (A, 1, 145, 150), (A, 1, 400, 410))
        assert found.stale.tolist() == [False, True]


def test_a_revision_that_nobody_made_is_impossible_however_large() -> None:
    """It is what is left of a damaged value, and no other key's."""
    log = changes(write(A, 1, 100, 110), write(B, 1, 100, 110))
    found = judged(log, (A, 10**17, 200, 210), (A, 1, 200, 210), (B, 3, 200, 210))
    assert found.impossible.tolist() == [True, False, True]


def test_none_is_legal_once_the_origin_has_answered_it() -> None:
    """Until a write that began after the answer is acknowledged."""
    log = changes(answer(A, NOTHING, 100), write(A, 1, 200, 210))
    found = judged(log, (A, NOTHING, 50, 60), (A, NOTHING, 205, 220), (A, NOTHING, 215, 220))
    assert found.impossible.tolist() == [True, False, False]
    assert found.stale.tolist() == [False, False, True]


def test_another_workers_origin_may_bring_back_what_that_worker_wrote() -> None:
    """It knows nothing of the others' writes; from its answer on its value is good again."""
    log = changes(write(A, 1, 100, 110), write(A, 2, 200, 210, shard=1), answer(A, 1, 300))
    found = judged(log, (A, 1, 290, 299), (A, 1, 310, 320))
    assert found.stale_by_others.tolist() == [True, False]


def test_own_writes_must_be_seen_and_others_within_what_is_promised() -> None:
    """The bound is about others' writes alone."""
    loaded = (answer(A, BASE, 10), answer(B, BASE, 10))
    log = changes(*loaded, write(A, 1, 100, 110), write(B, 2, 100, 110, shard=1))
    found = judged(log, (A, BASE, 110, 111), (B, BASE, 160, 161), (B, BASE, 161, 162))
    assert found.overdue(50).tolist() == [True, False, True]
    assert found.crossing.tolist() == [False, True, True]


def test_nothing_is_said_that_may_be_an_error_of_a_clock() -> None:
    """The other's writes may have begun earlier and been acknowledged later than they look."""
    log = changes(
        answer(A, BASE, 10), write(A, 1, 100, 110, shard=1), write(A, 2, 120, 130, shard=1)
    )
    rows = (
        (A, 1, 91, 99),
        (A, 1, 80, 89),
        (A, BASE, 119, 125),
        (A, BASE, 121, 125),
        (A, 1, 150, 160),
    )
    found = judged(log, *rows, error_ns=10)
    assert found.impossible.tolist() == [False, True, False, False, False]
    assert found.staleness_ns.tolist() == [0, 0, 0, 1, 0]
    assert judged(log, *rows).staleness_ns.tolist() == [0, 0, 9, 11, 20]


def test_a_value_seen_after_what_replaced_it_is_seen_again() -> None:
    """The read of the newer one had ended; one that overlaps proves nothing."""
    rows = (
        (A, 1, 150, 160),
        (A, 2, 240, 250),
        (A, 1, 245, 260),
        (A, 1, 251, 260),
        (A, 2, 270, 280),
    )
    found = judged(TWO_WRITES, *rows)
    assert repeated(found).tolist() == [False, False, False, True, False]


def test_nothing_done_is_nothing_judged() -> None:
    """An empty history is no error."""
    for log, rows in ((changes(), ()), (TWO_WRITES, ()), (changes(), ((A, BASE, 1, 2),))):
        found = judged(log, *rows)
        assert (found.comparable.any(), found.stale.any(), repeated(found).any()) == (False,) * 3


@pytest.mark.parametrize("error_ns", [0, 40])
def test_random_histories_agree_with_the_definitions(error_ns: int) -> None:
    """Of three workers, with failures, deletes, clears and loads; judged by each of them."""
    random = np.random.default_rng(7)
    counted = np.zeros(4, dtype=np.int64)
    for round_ in range(30):
        log, seen = at_random(random)
        found = judge(log, seen, round_ % 3, error_ns)
        expected = by_definition(log, seen, round_ % 3, error_ns)
        assert found.impossible.tolist() == [each.impossible for each in expected]
        assert found.own_ns.tolist() == [each.own_ns for each in expected]
        assert found.others_ns.tolist() == [each.others_ns for each in expected]
        again = repeated(found)
        assert again.tolist() == [each.again for each in expected]
        parts = (found.impossible, found.stale_by_own, found.stale_by_others, again)
        counted += [np.count_nonzero(part) for part in parts]
    assert counted.min() > 50
