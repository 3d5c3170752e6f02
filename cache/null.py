"""The gate of a tier that the cache does not have."""

from collections.abc import Collection, Iterable, Mapping

from cache.breaker import CircuitBreaker
from cache.gate import UNANSWERED, GateCounts, Reading
from cache.recovery import RecoveryCounts
from cache.tier import Write


class NullGate:
    """Answers nothing, keeps nothing and never fails."""

    is_enabled = False
    is_closed = True
    serves = False
    undecodable = 0
    missed_keys = 0

    def __init__(self, name: str) -> None:
        self.name = name
        self.breaker = CircuitBreaker()
        self.counts = GateCounts()
        self.repairs = RecoveryCounts()

    async def open(self) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""

    async def read(self, keys: Collection[str]) -> Reading:  # noqa: ARG002 - Gate's signature
        """Answer nothing."""
        return UNANSWERED

    async def write(self, writes: Mapping[str, Write]) -> bool:  # noqa: ARG002 - Gate's signature
        """Keep nothing."""
        return False

    def pass_by(self, keys: Iterable[str]) -> None:
        """Do nothing."""

    async def clear(self) -> bool:
        """Do nothing."""
        return True

    async def check(self) -> bool:
        """Answer that nothing serves."""
        return False
