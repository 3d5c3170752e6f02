"""A job's place in its group."""

import pytest

from pipeline.load import Operation
from workers.group import Alone, mix_of_role

MIX: dict[Operation, float] = {"get": 8.0, "set": 1.0, "scan": 0.5, "read_modify_write": 0.5}


@pytest.mark.parametrize(
    ("shard", "writers", "names"),
    [
        (0, None, {"get", "set", "scan", "read_modify_write"}),
        (0, 2, {"set", "read_modify_write"}),
        (1, 2, {"set", "read_modify_write"}),
        (2, 2, {"get", "scan"}),
    ],
)
def test_writers_write_and_readers_read(shard: int, writers: int | None, names: set[str]) -> None:
    """The weights stay as they are in proportion to each other."""
    assert mix_of_role(MIX, shard, writers) == {name: MIX[name] for name in MIX if name in names}


def test_a_role_may_have_nothing_to_do() -> None:
    """Readers sit a phase of writes out."""
    assert mix_of_role({"set": 1.0}, 1, 1) == {}


async def test_a_job_by_itself_waits_for_nobody() -> None:
    """It starts at once and gets what it gave."""
    alone = Alone()
    assert await alone.start("load") == 0.0
    assert await alone.hand_over("log", b"own") == {0: b"own"}
    assert (alone.shard, alone.shards, alone.clock.error_ns) == (0, 1, 0)
