"""What is noted of each call."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from pipeline.data import Data, Sizes
from tests.workers.scenarios import DictSubject
from workers.checker.log import EVERY, NEVER, NOTHING, Kind, Log
from workers.checker.noted import NotedSubject
from workers.ledger import Ledger
from workers.subjects.base import Loader, Served
from workers.values import Values

KEY = "users:1"


class Raises(DictSubject):
    """Does what it is asked for, and says that it failed."""

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Write it."""
        await super().set(key, value)
        raise TimeoutError

    async def delete(self, key: str) -> None:
        """Delete it."""
        await super().delete(key)
        raise TimeoutError


@pytest.fixture
def ledger() -> Ledger:
    """A ledger of users."""
    return Ledger(Values(3, Data(kind="users")))


@pytest.fixture
def noted(ledger: Ledger) -> NotedSubject:
    """A correct subject, noted by the second of some workers."""
    return NotedSubject(DictSubject(), ledger, 1)


def _kinds(log: Log) -> list[tuple[Kind, int]]:
    return [(Kind(kind), revision) for kind, revision in log[["kind", "revision"]].tolist()]


async def test_reads_and_loads_are_noted_with_what_they_saw(
    noted: NotedSubject, ledger: Ledger
) -> None:
    """A miss is none; what the origin answers counts from when it was asked."""

    async def origin(key: str) -> Any:
        return None if key == "users:3" else ledger.truth(key)

    await noted.get(KEY, None)
    await noted.get(KEY, origin)
    await noted.get_many([KEY, "users:2"])
    await noted.get("users:3", origin)
    reads, changes = noted.reads.taken(), noted.changes.taken()
    assert [noted.names[key] for key in reads["key"].tolist()] == [KEY, KEY, "users:3"]
    assert reads["revision"].tolist() == [0, 0, NOTHING]
    assert _kinds(changes) == [(Kind.ANSWER, 0), (Kind.ANSWER, NOTHING)]
    assert reads["began"][0] < changes["began"][0] == changes["acked"][0] < reads["ended"][0]


async def test_changes_are_noted_with_the_revisions_that_they_leave(
    noted: NotedSubject, ledger: Ledger
) -> None:
    """A delete leaves what the origin has then; a clear and an emptied tier are of every key."""
    for key in (KEY, "users:2"):
        _write, value = ledger.begin_write(key)
        await noted.set(key, value)
    _write, value = ledger.begin_write(KEY)
    await noted.set_many({KEY: value})
    ledger.begin_delete(KEY)
    await noted.delete(KEY)
    await noted.clear()
    await noted.empty("l1")
    log = noted.changes.taken()
    assert _kinds(log) == [
        (Kind.WRITE, 1),
        (Kind.WRITE, 1),
        (Kind.WRITE, 2),
        (Kind.DELETE, 3),
        (Kind.CLEAR, 0),
        (Kind.EMPTY, 0),
    ]
    assert log["key"][-2:].tolist() == [EVERY, EVERY]
    assert log["sequence"].tolist() == list(range(6))
    assert set(log["shard"].tolist()) == {1}
    assert (log["began"] < log["acked"]).all()


@pytest.mark.parametrize(
    "change",
    [lambda each: each.set(KEY, {"id": KEY, "revision": 1}), lambda each: each.delete(KEY)],
)
async def test_what_raised_was_never_acknowledged(
    ledger: Ledger, change: Callable[[NotedSubject], Coroutine[Any, Any, None]]
) -> None:
    """Its caller gets the error unchanged."""
    noted = NotedSubject(Raises(), ledger, 0)
    with pytest.raises(TimeoutError):
        await change(noted)
    assert noted.changes.taken()["acked"].tolist() == [NEVER]


async def test_what_does_not_tell_its_revision_is_not_noted() -> None:
    """Texts of a few bytes are left to the ledger."""
    ledger = Ledger(Values(3, Data(sizes=Sizes(bytes=4))))
    noted = NotedSubject(DictSubject(), ledger, 0)
    _write, value = ledger.begin_write("simple:1")
    await noted.set("simple:1", value)
    await noted.get("simple:1", None)
    assert (len(noted.reads.taken()), len(noted.changes.taken())) == (0, 0)


async def test_everything_else_passes_through(noted: NotedSubject) -> None:
    """A load can't tell it from the subject."""
    plain = DictSubject()
    await noted.start()
    assert noted.lacks == plain.lacks
    assert (await noted.warm(), noted.statistics(), await noted.health()) == (0, {}, None)
    await noted.stop()
    loader: Loader | None = None
    assert await noted.get(KEY, loader) == Served(None, "miss")
