"""How stale reads are, on logs worked out by hand, and against a slow oracle."""

import numpy as np
import pytest

from workers.coherence import NEVER, READ, REMOVED, WRITE, Crossed, Log, compare, decode_writes

A, B = 5, 900
BASE = 0


def writes(*rows: tuple[int, int, int, int]) -> Log:
    """Key, revision, begun and acknowledged of each."""
    return np.array(list(rows), dtype=WRITE)


def reads(*rows: tuple[int, int, int]) -> Log:
    """Key, revision and begin of each."""
    return np.array(list(rows), dtype=READ)


def staleness(crossed: Crossed) -> list[int]:
    """How old the stale reads were, in the reads' order."""
    return [int(each) for each in crossed.staleness_ns]


TWO_WRITES = writes((A, 2, 100, 110), (A, 4, 200, 230))


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        ((A, BASE, 50), []),
        ((A, BASE, 105), []),
        ((A, BASE, 110), [0]),
        ((A, BASE, 400), [290]),
        ((A, 2, 229), []),
        ((A, 2, 231), [1]),
        ((A, 4, 231), []),
        ((A, 4, 210), []),
        ((A, 1, 300), [190]),
    ],
)
def test_a_read_is_as_stale_as_the_first_write_that_replaced_what_it_saw(
    read: tuple[int, int, int], expected: list[int]
) -> None:
    """Until a write is acknowledged the older value is no wonder, after it each ns counts."""
    crossed = compare(TWO_WRITES, reads(read))
    assert (crossed.reads, staleness(crossed)) == (1, expected)


def test_the_distribution_holds_every_read() -> None:
    """What was current is 0 old, so that percentiles are those of a reader's reads."""
    crossed = compare(TWO_WRITES, reads((A, 4, 400), (A, BASE, 400), (A, 4, 401)))
    assert crossed.of_all_ns.tolist() == [290, 0, 0]


def test_of_overlapping_writes_either_may_win() -> None:
    """Only what began after the acknowledgement replaces a value for certain."""
    overlapping = writes((A, 2, 100, 150), (A, 3, 120, 130), (A, 4, 160, 170))
    seen = reads((A, 2, 155), (A, 3, 155), (A, 3, 175), (A, 2, 180))
    assert staleness(compare(overlapping, seen)) == [5, 10]


def test_a_later_write_that_is_quicker_replaces_first() -> None:
    """The slow one in between was not acknowledged yet when the quick one was."""
    log = writes((A, 2, 100, 110), (A, 4, 120, 500), (A, 6, 130, 140))
    assert staleness(compare(log, reads((A, 2, 145)))) == [5]


def test_a_write_that_raised_replaces_nothing() -> None:
    """Its value may show, or never; what was there before is not stale for its sake."""
    log = writes((A, 2, 100, 110), (A, 4, 120, NEVER))
    crossed = compare(log, reads((A, 2, 500), (A, 4, 500), (A, BASE, 500)))
    assert (crossed.reads, staleness(crossed)) == (3, [390])


def test_keys_that_nobody_wrote_are_not_compared() -> None:
    """Neither are they counted."""
    crossed = compare(writes((B, 2, 100, 110)), reads((A, BASE, 500), (B, BASE, 500), (7, 1, 1)))
    assert (crossed.reads, staleness(crossed)) == (1, [390])


def test_nothing_written_or_read_is_nothing_compared() -> None:
    """An empty log is no error."""
    for log, seen in ((writes(), reads((A, BASE, 1))), (TWO_WRITES, reads()), (writes(), reads())):
        crossed = compare(log, seen)
        assert (crossed.reads, staleness(crossed)) == (0, [])


@pytest.mark.parametrize("key", [A, REMOVED])
def test_a_removed_key_may_have_its_own_value_again(key: int) -> None:
    """A delete of the key, or a clear, lets the reader's origin answer; a written value is old."""
    log = writes((A, 2, 100, 110), (key, REMOVED, 150, 160), (A, 4, 200, 210))
    seen = reads((A, BASE, 140), (A, BASE, 155), (A, BASE, 300), (A, 2, 300))
    crossed = compare(log, seen)
    assert (crossed.reads, staleness(crossed)) == (2, [30, 90])


def test_logs_of_several_writers_are_one() -> None:
    """As bytes they travel, and readers hand over none."""
    first, second = TWO_WRITES[:1], TWO_WRITES[1:]
    joined = decode_writes([first.tobytes(), b"", second.tobytes()])
    assert joined.tolist() == TWO_WRITES.tolist()
    assert decode_writes([b"", b""]).tolist() == []


def _slowly(log: Log, seen: Log) -> tuple[int, list[int]]:
    """The definition, one read at a time."""
    found, compared = [], 0
    for key, revision, began in seen.tolist():
        of_key = [write for write in log.tolist() if write[0] == key]
        if not of_key:
            continue
        compared += 1
        acked = next((each[3] for each in of_key if each[1] == revision), -1)
        later = [each[3] for each in of_key if each[2] > acked]
        if later and min(later) <= began:
            found.append(began - min(later))
    return compared, found


def test_many_keys_and_writers_agree_with_the_definition() -> None:
    """Random logs of three writers, with failures, compared read by read."""
    random = np.random.default_rng(7)
    for _ in range(30):
        begun = np.sort(random.choice(5_000, 60, replace=False))
        rows = []
        for number, began in enumerate(begun.tolist()):
            acked = NEVER if random.random() < 0.1 else began + int(random.integers(1, 200))
            rows.append((int(random.integers(4)), 3 * (number + 1), began, acked))
        log = writes(*rows)
        seen = []
        for _ in range(200):
            key, _revision, _began, _acked = rows[int(random.integers(len(rows)))]
            revisions = [0, 1, *(row[1] for row in rows if row[0] == key)]
            seen.append((key, int(random.choice(revisions)), int(random.integers(6_000))))
        crossed = compare(log, reads(*seen))
        assert (crossed.reads, staleness(crossed)) == _slowly(log, reads(*seen))
