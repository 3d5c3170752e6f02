"""No cache at all: every read goes to the loader. What it costs is what the generator costs."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.subject import SubjectSettings
from workers.subjects.base import (
    NO_HEALTH,
    NO_STATISTICS,
    NO_WARMING,
    TIERS,
    Addresses,
    Loader,
    Served,
    figures_of_tiers,
)

MISSED = Served(None, "miss")


class NullSubject:
    """Keeps nothing, so it has no tier, no counts and no health."""

    lacks = figures_of_tiers(TIERS) | {"hit_ratio"} | NO_STATISTICS | NO_WARMING | NO_HEALTH

    async def start(self) -> None:
        """Nothing to connect."""

    async def stop(self) -> None:
        """Nothing to release."""

    async def get(
        self,
        key: str,
        loader: Loader | None,
        ttl_s: float | None = None,  # noqa: ARG002 - nothing is kept for any time
    ) -> Served:
        """Ask the loader; a miss where there is none."""
        if loader is None:
            return MISSED
        return Served(await loader(key), "origin")

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """A miss for each key."""
        return dict.fromkeys(keys, MISSED)

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Keep nothing."""

    async def set_many(self, items: Mapping[str, Any], ttl_s: float | None = None) -> None:
        """Keep nothing."""

    async def delete(self, key: str) -> None:
        """Nothing is there."""

    async def clear(self) -> None:
        """Nothing is there."""

    async def empty(self, tier: str) -> None:
        """Nothing is there."""

    async def warm(self) -> int:
        """There is nothing to warm."""
        return 0

    def statistics(self) -> Mapping[str, int]:
        """None are kept."""
        return {}

    async def health(self) -> str | None:
        """It can't say."""
        return None


def build(_settings: SubjectSettings, _addresses: Addresses) -> NullSubject:
    """The entry point `null` of `tierbench.subjects`."""
    return NullSubject()
