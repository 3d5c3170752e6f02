"""What comes next: operations and their keys."""

from collections import Counter
from itertools import islice

import numpy as np
import pytest

from pipeline.load import KeyChoice, Work
from workers.data import key_names
from workers.draws import INSERTS_A_PHASE, Draws
from workers.part import Part

NAMES = key_names("simple", 30)
MIX = {
    "get": 6.0,
    "set": 2.0,
    "delete": 1.0,
    "get_many": 1.0,
    "set_many": 1.0,
    "scan": 2.0,
    "insert": 2.0,
    "read_modify_write": 1.0,
    "clear": 0.2,
}
WORK = Work(mix=MIX, batch=7, keys=KeyChoice(distribution="zipf"))

Drawn = list[tuple[str, tuple[str, ...]]]


def _draws(work: Work = WORK, place: tuple[int, ...] = (0, 0), **user: int) -> Draws:
    return Draws(work, work.mix, NAMES, seed=5, place=place, **user)


def _listed(draws: object, count: int) -> Drawn:
    return [(operation, tuple(keys)) for operation, keys in islice(draws, count)]


def test_each_operation_has_as_many_keys_as_it_needs() -> None:
    """A batch for many, one to a batch for a scan, none for a clear, one for all others."""
    widths: dict[str, set[int]] = {}
    for operation, keys in _listed(_draws().endless(64), 5_000):
        widths.setdefault(operation, set()).add(len(keys))
    single = {"get", "set", "delete", "insert", "read_modify_write"}
    assert all(widths[each] == {1} for each in single)
    assert widths["get_many"] == widths["set_many"] == {7}
    assert widths["clear"] == {0}
    assert widths["scan"] == set(range(1, 8))


def test_operations_come_as_often_as_their_weights() -> None:
    """Of 20,000 operations each kind's share is within 1 % of its weight's."""
    counts = Counter(operation for operation, _keys in _listed(_draws().endless(512), 20_000))
    for operation, weight in MIX.items():
        assert abs(counts[operation] / 20_000 - weight / sum(MIX.values())) < 0.01


def test_a_scan_asks_for_keys_whose_numbers_follow_each_other() -> None:
    """After the last key comes the first again."""
    work = Work(mix={"scan": 1.0}, batch=6)
    scans = [keys for _scan, keys in _listed(_draws(work).endless(64), 500)]
    for keys in scans:
        numbers = [NAMES.index(key) for key in keys]
        assert numbers == [(numbers[0] + step) % 30 for step in range(len(keys))]
    assert any("simple:29" in keys and "simple:0" in keys for keys in scans)


def test_inserts_of_users_and_phases_never_share_a_key() -> None:
    """Each is new to everybody: beyond the planned keys, and nobody else's."""
    inserted: list[str] = []
    for phase in range(2):
        for user in range(3):
            sequence = _draws(place=(phase, user), user=user, users=3).endless(64)
            drawn = _listed(sequence, 500)
            inserted += [keys[0] for operation, keys in drawn if operation == "insert"]
    assert len(set(inserted)) == len(inserted) > 100
    numbers = {int(key.removeprefix("simple:")) for key in inserted}
    assert {30, 31, 32, INSERTS_A_PHASE + 30} <= numbers
    assert min(numbers) == 30


def test_latest_asks_for_what_was_inserted_before() -> None:
    """Every key asked for is there by then, and most are among the newest."""
    work = Work(
        mix={"get": 5.0, "insert": 1.0, "scan": 1.0},
        keys=KeyChoice(distribution="latest", exponent=1.5),
    )
    known = list(NAMES)
    ages = Counter[int]()
    for operation, keys in _listed(_draws(work).endless(128), 3_000):
        if operation == "insert":
            assert keys[0] not in known
            known += keys
        else:
            assert set(keys) <= set(known)
            ages[len(known) - 1 - known.index(keys[0])] += 1
    assert ages[0] > ages[1] > ages[2] > 0
    assert max(ages) < 30


@pytest.mark.parametrize("mix", [MIX, {"get": 3.0, "set": 1.0}])
def test_a_sequence_does_not_depend_on_how_it_is_cut(mix: dict[str, float]) -> None:
    """Large chunks and small ones give the same operations with the same keys."""
    work = Work(mix=mix, keys=KeyChoice(distribution="latest"))
    assert _listed(_draws(work).endless(7), 1_000) == _listed(_draws(work).endless(999), 1_000)
    assert _listed(_draws(work).endless(7), 9) != _listed(_draws(work, (0, 1)).endless(7), 9)


def _dealt(work: Work, part: Part, count: int) -> tuple[list[int], Drawn]:
    draws = _draws(work)
    operations = draws.choose(count)
    mine = part.positions(draws.writes(operations))
    return np.flatnonzero(mine).tolist(), _listed(draws.chosen(operations, mine), count)


@pytest.mark.parametrize("mix", [MIX, {"get": 3.0, "set": 1.0}])
@pytest.mark.parametrize("writers", [None, 2])
def test_all_shards_together_do_what_one_worker_does(
    mix: dict[str, float], writers: int | None
) -> None:
    """Whatever the number of workers, and whoever writes: the same operations, keys and places."""
    work = Work(mix=mix, keys=KeyChoice(distribution="latest"))
    (places, alone) = _dealt(work, Part(), 9_000)
    assert places == list(range(9_000))
    together: dict[int, tuple[str, tuple[str, ...]]] = {}
    for shard in range(5):
        places, drawn = _dealt(work, Part(shard=shard, shards=5, writers=writers), 9_000)
        assert len(places) == len(drawn) > 500
        together |= dict(zip(places, drawn, strict=True))
    assert [together[place] for place in range(9_000)] == alone


def test_writers_write_and_readers_read() -> None:
    """Each role has its own operations, dealt out evenly among its workers."""
    counts = []
    for shard in range(4):
        _places, drawn = _dealt(WORK, Part(shard=shard, shards=4, writers=1), 4_000)
        operations = {operation for operation, _keys in drawn}
        reads = {"get", "get_many", "scan"}
        assert operations == (set(MIX) - reads if shard == 0 else reads)
        counts.append(len(drawn))
    assert max(counts[1:]) - min(counts[1:]) <= 1
