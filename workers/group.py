"""A job's place among the jobs that make one load together, and what they do at the same moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pipeline.load import WRITES, Operation
from workers.shared_clock import SharedClock


class Gathering(Protocol):
    """The shards of one group, as one of them sees it.

    A meeting has a name, and each shard comes to it once.
    """

    @property
    def shard(self) -> int:
        """Which of them this is, from 0."""
        ...

    @property
    def shards(self) -> int:
        """How many there are, from 1."""
        ...

    @property
    def clock(self) -> SharedClock:
        """The clock that all of them can read."""
        ...

    async def start(self, name: str) -> float:
        """Wait for all shards, then until the moment that they agree on.

        Args:
            name: What is started, such as a phase.

        Returns:
            Seconds that this worker woke after the moment, from 0.

        Raises:
            InvalidAttemptError: Not all of them came in time.
        """
        ...

    async def hand_over(self, name: str, content: bytes) -> Mapping[int, bytes]:
        """Give the others something, and wait for what they give.

        Args:
            name: What is handed over.
            content: This shard's part; may be empty, where it is only waited for the others.

        Returns:
            The parts of all shards by their number, its own among them.

        Raises:
            InvalidAttemptError: Not all of them came in time.
        """
        ...


@dataclass(frozen=True, slots=True)
class Alone:
    """The group of a job that makes its load by itself; it waits for nobody."""

    shard: int = 0
    shards: int = 1
    clock: SharedClock = field(default_factory=SharedClock)

    async def start(self, name: str) -> float:  # noqa: ARG002 - nobody else has to know the name
        """Go at once."""
        return 0.0

    async def hand_over(self, name: str, content: bytes) -> Mapping[int, bytes]:  # noqa: ARG002 - as above
        """Its own part is all there is."""
        return {self.shard: content}


def mix_of_role(
    mix: Mapping[Operation, float], shard: int, writers: int | None
) -> dict[Operation, float]:
    """The operations that a shard does of a mix.

    Args:
        mix: Weight of each operation.
        shard: The shard's number, from 0.
        writers: So many shards do what writes, the others the rest; None where each does all.

    Returns:
        Their weights, unchanged; empty where the mix has nothing for this shard.
    """
    if writers is None:
        return dict(mix)
    writes = shard < writers
    return {name: weight for name, weight in mix.items() if (name in WRITES) == writes}
