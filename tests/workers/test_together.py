"""A subject in use by a group: stopped by all, emptied once, by the last."""

import asyncio
from collections.abc import Mapping

import pytest

from tests.workers.scenarios import DictSubject
from workers.errors import InvalidAttemptError
from workers.group import Alone, Gathering
from workers.shared_clock import SharedClock
from workers.together import used_together

Noted = list[tuple[int, str]]


class NotedSubject(DictSubject):
    """Notes what is done to it, with its shard's number."""

    def __init__(self, shard: int, noted: Noted) -> None:
        super().__init__()
        self._shard, self._noted = shard, noted

    async def start(self) -> None:
        """Note it."""
        self._noted.append((self._shard, "start"))

    async def stop(self) -> None:
        """Note it."""
        self._noted.append((self._shard, "stop"))

    async def clear(self) -> None:
        """Note it."""
        self._noted.append((self._shard, "clear"))


class OneOfTwo:
    """A shard that meets the other at a barrier of this process."""

    shards = 2
    clock = SharedClock()

    def __init__(self, shard: int, barrier: asyncio.Barrier) -> None:
        self.shard = shard
        self._barrier = barrier

    async def start(self, name: str) -> float:
        """Nobody starts anything here."""
        raise NotImplementedError(name)

    async def hand_over(self, name: str, content: bytes) -> Mapping[int, bytes]:
        """Wait for the other."""
        assert name
        await self._barrier.wait()
        return {self.shard: content}


def a_pair() -> list[OneOfTwo]:
    """Both shards of a group."""
    barrier = asyncio.Barrier(2)
    return [OneOfTwo(shard, barrier) for shard in (0, 1)]


async def test_a_subject_used_alone_is_emptied_and_stopped() -> None:
    """Whatever becomes of its job."""
    noted: Noted = []
    with pytest.raises(KeyError):
        async with used_together(NotedSubject(0, noted), Alone()):
            raise KeyError
    async with used_together(NotedSubject(1, noted), Alone()):
        pass
    assert noted == [(shard, step) for shard in (0, 1) for step in ("start", "clear", "stop")]


async def test_the_namespace_is_emptied_once_nobody_uses_it_any_more() -> None:
    """The first shard does it, after the other has stopped, however slow that is."""
    noted: Noted = []

    async def use(group: Gathering) -> None:
        async with used_together(NotedSubject(group.shard, noted), group):
            for _ in range(5 * group.shard):
                await asyncio.sleep(0)

    await asyncio.gather(*(use(group) for group in a_pair()))
    assert noted.index((1, "stop")) < noted.index((0, "clear")) < noted.index((0, "stop"))
    assert (1, "clear") not in noted


async def test_a_shard_that_fails_empties_what_it_leaves() -> None:
    """Nobody waits for it, and what the others did is void anyway."""
    noted: Noted = []
    _first, second = a_pair()
    with pytest.raises(InvalidAttemptError):
        async with used_together(NotedSubject(1, noted), second):
            raise InvalidAttemptError
    assert noted == [(1, "start"), (1, "clear"), (1, "stop")]
