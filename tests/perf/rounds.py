"""Runs contenders by turns in one process, so that what disturbs one disturbs all.

unmeasured: A B C    round 1: C B A    round 2: A B C    round 3: C B A ...
"""

import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

_BREATH_S: Final = 0.05

Contender = Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Samples:
    """One contender's seconds for each operation, a round each."""

    values: tuple[float, ...]

    @property
    def best(self) -> float:
        """The quickest round."""
        return min(self.values)

    @property
    def median(self) -> float:
        """The median round."""
        return statistics.median(self.values)

    def over(self, other: "Samples") -> "Samples":
        """Return the quotients of rounds that were run side by side.

        A machine that is slower for some seconds is so for both sides of a quotient.
        """
        pairs = zip(self.values, other.values, strict=True)
        return Samples(tuple(ours / others for ours, others in pairs))

    @property
    def spread(self) -> float:
        """The distance of the quartiles, as a share of the median."""
        first, _, third = statistics.quantiles(self.values, n=4)
        return (third - first) / self.median


async def by_turns(contenders: Mapping[str, Contender], rounds: int) -> dict[str, Samples]:
    """Run every contender once a round, the other way about in every second round.

    Args:
        contenders: Each does one round's work and returns its seconds for each operation.
        rounds: How many rounds count; one that does not goes before them.
    """
    names = list(contenders)
    values: dict[str, list[float]] = {name: [] for name in names}
    for contender in contenders.values():
        await contender()
    for number in range(rounds):
        for name in names if number % 2 else reversed(names):
            # Hits in memory never give way to the loop, and a cache that heard nothing of L2 for
            # longer than its staleness bound empties L1.
            await asyncio.sleep(_BREATH_S)
            values[name].append(await contenders[name]())
    return {name: Samples(tuple(taken)) for name, taken in values.items()}


async def timed(work: Awaitable[object], operations: int) -> float:
    """Await the work and return its seconds for each operation, without garbage collection."""
    gc.collect()
    gc.disable()
    started_s = time.perf_counter()
    try:
        await work
        return (time.perf_counter() - started_s) / operations
    finally:
        gc.enable()
