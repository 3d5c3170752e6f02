"""Which part of a load one worker does, so that all parts together are the load of one."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.load import Operation
from workers.group import mix_of_role

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One worker's part.

    Args:
        shard: The worker's number, from 0.
        shards: Number of workers.
        writers: So many of them do what writes, the others the rest; None where each does all.
    """

    shard: int = 0
    shards: int = 1
    writers: int | None = None

    def users(self, users: int) -> range:
        """The users that are this worker's: each belongs to one."""
        return range(self.shard, users, self.shards)

    def mix(self, mix: Mapping[Operation, float]) -> dict[Operation, float]:
        """What this worker's users do of a mix."""
        return mix_of_role(mix, self.shard, self.writers)

    def positions(self, writes: Mask) -> Mask:
        """Which operations of one sequence are this worker's: they are dealt out in turn.

        Args:
            writes: Whether an operation changes something, in the sequence's order, shape (n,).
        """
        if self.writers is None:
            shared: Mask = np.arange(len(writes)) % self.shards == self.shard
            return shared
        is_writer = self.shard < self.writers
        fellows = self.writers if is_writer else self.shards - self.writers
        number = self.shard if is_writer else self.shard - self.writers
        own_role = writes == is_writer
        turns = np.cumsum(own_role) - 1
        mine: Mask = own_role & (turns % fellows == number)
        return mine


WHOLE = Part()
