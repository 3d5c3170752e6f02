"""The gate of a tier that the cache does not have."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from cache.breaker import CircuitBreaker
from cache.gate import GateCounts
from cache.recovery import RecoveryCounts
from cache.tier import Found, Write


class NullGate:
    """Answers nothing, keeps nothing and never fails."""

    is_enabled = False
    is_closed = True
    serves = False
    undecodable = 0
    missed_keys = 0
    delayed: Mapping[str, int] = MappingProxyType({})

    def __init__(self, name: str) -> None:
        self.name = name
        self.breaker = CircuitBreaker()
        self.counts = GateCounts()
        self.repairs = RecoveryCounts()

    async def open(self) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""

    async def read(self, keys: Collection[str]) -> Found | None:  # noqa: ARG002 - Gate's signature
        """Answer nothing."""
        return None

    async def write(
        self,
        writes: Mapping[str, Write],  # noqa: ARG002 - Gate's signature
    ) -> dict[str, int] | None:
        """Keep nothing."""
        return None

    def waiting(self, tags: Collection[str]) -> set[str]:  # noqa: ARG002 - Gate's signature
        """Answer nothing."""
        return set()

    def pass_by(self, keys: Iterable[str]) -> None:
        """Do nothing."""

    def outdated(self, versions: Mapping[str, int]) -> None:
        """Do nothing."""

    async def clear(self, version: int = 0) -> int | None:  # noqa: ARG002 - Gate's signature
        """Do nothing."""
        return None

    async def check(self) -> bool:
        """Answer that nothing serves."""
        return False
