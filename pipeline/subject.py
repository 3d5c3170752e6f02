"""How a cache under test is set up: names and figures that travel with a job."""

from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from annotated_types import Ge, Gt

Preset = Literal[
    "default",
    "performance",
    "memory_constrained",
    "high_throughput",
    "warming_disabled",
    "l2_disabled",
]
PRESETS = get_args(Preset)
TtlS = Annotated[float, Gt(0)] | Literal["none"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectSettings:
    """Settings of a subject; None leaves what the preset says, `"none"` is no TTL at all.

    Args:
        preset: The configuration to start from.
        l1_max_size: Entries that L1 may hold, from 1.
        l1_default_ttl: Seconds that L1 keeps a value.
        l2_default_ttl: Seconds that L2 keeps a value.
        l3_default_ttl: Seconds that L3 keeps a value.
        enable_l2: Whether there is a Redis tier.
        enable_l3: Whether there is an SQL tier.
        enable_warming: Whether a background cycle refills L1 with the hottest keys.
        warming_threshold: Accesses that make a key a candidate for warming.
        warming_interval: Seconds between two cycles.
        max_warming_keys: Keys that one cycle may fetch.
    """

    preset: Preset = "default"
    l1_max_size: Annotated[int, Ge(1)] | None = None
    l1_default_ttl: TtlS = None
    l2_default_ttl: TtlS = None
    l3_default_ttl: TtlS = None
    enable_l2: bool | None = None
    enable_l3: bool | None = None
    enable_warming: bool | None = None
    warming_threshold: Annotated[int, Ge(1)] | None = None
    warming_interval: Annotated[float, Gt(0)] | None = None
    max_warming_keys: Annotated[int, Ge(1)] | None = None


CacheTestConfig = SubjectSettings
