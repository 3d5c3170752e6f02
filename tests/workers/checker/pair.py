"""Two workers of one group in one process, who meet without a database."""

import asyncio
from collections.abc import Mapping

from workers.shared_clock import SharedClock


class Meetings:
    """Where the shards of a group bring what they hand over."""

    def __init__(self, shards: int) -> None:
        self.shards = shards
        self.brought: dict[str, dict[int, bytes]] = {}
        self.complete: dict[str, asyncio.Event] = {}


class Shard:
    """One of them.

    Args:
        shard: Its number.
        meetings: Where it meets the others.
        clock: As it reads the group's.
    """

    def __init__(self, shard: int, meetings: Meetings, clock: SharedClock) -> None:
        self.shard = shard
        self.shards = meetings.shards
        self.clock = clock
        self._meetings = meetings

    async def start(self, name: str) -> float:
        """Wait for the others."""
        await self.hand_over(f"start of {name}", b"")
        return 0.0

    async def hand_over(self, name: str, content: bytes) -> Mapping[int, bytes]:
        """Give the others something, and wait for theirs."""
        meetings = self._meetings
        brought = meetings.brought.setdefault(name, {})
        assert self.shard not in brought
        brought[self.shard] = content
        complete = meetings.complete.setdefault(name, asyncio.Event())
        if len(brought) == self.shards:
            complete.set()
        await complete.wait()
        return brought


def a_pair(clock: SharedClock | None = None) -> tuple[Shard, Shard]:
    """Both shards of a group."""
    meetings = Meetings(2)
    return Shard(0, meetings, clock or SharedClock()), Shard(1, meetings, clock or SharedClock())
