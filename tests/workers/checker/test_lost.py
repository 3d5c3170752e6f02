"""Which acknowledged writes count as lost, worked out by hand."""

import pytest

from tests.workers.checker.logs import A, B, answer, changes, clear, delete, write
from workers.checker.log import EVERY, NEVER, Kind
from workers.checker.lost import Found, LastWrites

LATER = {"began_ns": 1_000, "ended_ns": 1_010}


def there(key: int, revision: int | None) -> Found:
    """What was found; `None` is nothing."""
    return Found(key=key, revision=revision, missing=revision is None, **LATER)


def lost(
    *rows: tuple[int, ...], found: int | None, may_expire: bool = False, error_ns: int = 0
) -> bool:
    """Whether the first worker says that what it wrote is lost."""
    writes = LastWrites(changes(*rows), 0, error_ns)
    assert writes.keys == [A]
    return bool(writes.lost([there(A, found)], may_expire={A: may_expire}))


TWO = (write(A, 1, 100, 110), write(A, 2, 200, 210))


@pytest.mark.parametrize(
    ("rows", "found", "is_lost"),
    [
        (TWO, 2, False),
        (TWO, 1, True),
        (TWO, None, True),
        ((*TWO, write(A, 3, 300, NEVER)), 3, False),
        ((*TWO, write(A, 3, 300, NEVER)), 2, False),
        ((*TWO, write(A, 3, 300, NEVER)), 1, True),
        ((*TWO, write(A, 3, 300, NEVER)), None, False),
        ((*TWO, write(A, 3, 205, 300)), 2, False),
        ((*TWO, delete(A, 3, 300, 310)), None, False),
        ((*TWO, delete(A, 3, 300, 310)), 2, True),
        ((write(A, 1, 100, 110), delete(A, 2, 150, 160), write(A, 3, 200, 210)), None, True),
        ((*TWO, clear(300, 310)), None, False),
        ((clear(10, 20), *TWO), None, True),
        ((*TWO, (EVERY, 0, 300, 310, Kind.EMPTY, 0)), None, False),
        ((*TWO, (EVERY, 0, 300, 310, Kind.EMPTY, 0)), 1, True),
    ],
)
def test_a_write_is_lost_where_it_must_be_there_and_is_not(
    rows: tuple[tuple[int, ...], ...],
    found: int | None,
    is_lost: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    """Older values count as missing ones do; whatever may have come last excuses both."""
    assert lost(*rows, found=found) is is_lost


def test_what_may_have_expired_is_not_lost() -> None:
    """An older value is no matter of time."""
    assert not lost(*TWO, found=None, may_expire=True)
    assert lost(*TWO, found=1, may_expire=True)


def test_a_key_is_audited_by_the_first_of_its_writers() -> None:
    """So that no two workers count it; writes that raised are nobody's."""
    log = changes(
        write(A, 2, 100, 110, shard=1), write(A, 3, 120, 130, shard=2), write(B, 4, 100, NEVER)
    )
    assert [LastWrites(log, shard, 0).keys for shard in range(3)] == [[], [A], []]


def test_clocks_that_differ_are_allowed_for() -> None:
    """Which of two writers wrote last can't be told where their clocks may be wrong by more."""
    rows = (write(A, 1, 100, 110), write(A, 2, 120, 130, shard=1))
    assert lost(*rows, found=1)
    assert not lost(*rows, found=1, error_ns=20)


def test_the_newest_acknowledged_write_is_told() -> None:
    """Whatever was found instead."""
    (told,) = LastWrites(changes(*TWO), 0, 0).lost([there(A, 1)], may_expire={})
    assert (told.found.revision, told.change["revision"]) == (1, 2)
    assert told.made is not None
    assert told.made["revision"] == 1


def test_a_delete_or_a_clear_that_was_undone_is_lost_too() -> None:
    """Also of a key that nobody has written; what is told is what should have removed it."""
    log = changes(answer(A, 0, 10), delete(A, 1, 100, 110), write(B, 2, 100, 110), clear(200, 210))
    writes = LastWrites(log, 0, 0)
    assert writes.keys == [A, B]
    assert not writes.lost([there(A, None), there(B, None)], may_expire={})
    deleted, cleared = writes.lost([there(A, 0), there(B, 2)], may_expire={})
    assert (deleted.change["kind"], deleted.made) == (Kind.DELETE, None)
    assert cleared.change["kind"] == Kind.CLEAR
