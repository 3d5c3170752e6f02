"""A subject's settings as our own cache understands them, and as limits that any cache has."""

from dataclasses import asdict, dataclass
from typing import Self

from cache.config import CacheConfig
from cache.ttl import TTLs
from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses

NO_TTL = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a cache may keep and for how long, the same for every subject of a scenario.

    Args:
        max_size: Entries in memory, from 1.
        l1_ttl_s: Seconds in memory; None is without end.
        l2_ttl_s: Seconds in Redis; None is without end.
    """

    max_size: int
    l1_ttl_s: float | None
    l2_ttl_s: float | None

    @classmethod
    def of(cls, settings: SubjectSettings, addresses: Addresses) -> Self:
        """What our own cache would keep to with these settings, in L1 and in L2."""
        config = cache_config(settings, addresses)
        return cls(
            max_size=config.l1_max_size,
            l1_ttl_s=TTLs.of(config).l1_s,
            l2_ttl_s=config.l2_default_ttl,
        )


def cache_config(settings: SubjectSettings, addresses: Addresses) -> CacheConfig:
    """Our own cache's settings.

    Args:
        settings: A preset and what replaces its values; a TTL of `"none"` is no TTL at all.
        addresses: Where its tiers live.
    """
    given = {name: value for name, value in asdict(settings).items() if value is not None}
    preset = given.pop("preset")
    overrides = {name: None if value == NO_TTL else value for name, value in given.items()}
    return CacheConfig.preset(
        preset,
        **overrides,
        namespace=addresses.namespace,
        l2_url=addresses.l2_url,
        l3_url=addresses.l3_url,
    )
