"""The one interface of a cache under test, and what it may be able to do beside it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, get_args, runtime_checkable

from pipeline.load import Operation
from pipeline.subject import SubjectSettings

Loader = Callable[[str], Awaitable[Any]]


class Served(NamedTuple):
    """A read's value and the tier that served it: `l1`, `l2`, `l3`, `origin` or `miss`.

    `value` is None for a `miss`; None is also a value where the tier says otherwise.
    """

    value: Any
    tier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a subject's tiers live: URLs, with the namespace that is this attempt's alone.

    `steps_clock` says that its clock will be stepped, for those that can be `Stepping`.
    """

    namespace: str
    l2_url: str | None
    l3_url: str | None
    steps_clock: bool = False


class Subject(Protocol):
    """A cache under test; started once, used by many tasks of one event loop, stopped once.

    Wherever a `ttl_s` is taken: seconds in every tier, above 0; None is the subject's own default.
    """

    @property
    def lacks(self) -> frozenset[str]:
        """What it can't do, and what there can be no figures of.

        Names of tiers (`l1`, `l2`, `l3`), of metrics and of operations, and `ttl` (a TTL for each
        key) and `warm`. A load never asks for an operation that is among them.
        """

    async def start(self) -> None:
        """Connect and be ready."""

    async def stop(self) -> None:
        """Release everything; the data stays in the shared tiers."""

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """Read one key; what the loader brings lives for `ttl_s`."""

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """Read many keys at once; every key asked for is in the answer."""

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Write one key."""

    async def set_many(self, items: Mapping[str, Any], ttl_s: float | None = None) -> None:
        """Write many keys at once."""

    async def delete(self, key: str) -> None:
        """Delete one key."""

    async def clear(self) -> None:
        """Remove everything of this attempt's namespace from every tier."""

    async def empty(self, tier: str) -> None:
        """Remove everything of this attempt's namespace from one tier."""

    async def warm(self) -> int:
        """Run one warming cycle now; the number of keys put into L1."""

    def statistics(self) -> Mapping[str, int]:
        """Its own counts: `l1_hits`, `l2_hits`, `l3_hits`, `reads`; empty where it keeps none."""

    async def health(self) -> str | None:
        """`healthy`, `degraded` or `unhealthy`; None where it can't say."""


SubjectFactory = Callable[[SubjectSettings, Addresses], Subject]

TIERS = ("l1", "l2", "l3")

CAPABILITIES = frozenset((*get_args(Operation), "ttl", "warm"))
"""What a subject may lack beside tiers and metrics."""

NO_STATISTICS = frozenset({"statistics_mismatches"})
NO_WARMING = frozenset({"warm", "warmed_keys"})
NO_HEALTH = frozenset({"health_turned_s", "health_recovered_s"})


def figures_of_tiers(tiers: Iterable[str]) -> frozenset[str]:
    """The metrics that need one of these tiers, with the tiers' own names."""
    return frozenset(
        name
        for tier in tiers
        for name in (tier, f"reads_{tier}", f"{tier}_hit_ratio", f"{tier}_avg_response_time_ms")
    )


@runtime_checkable
class Promising(Protocol):
    """A subject that states bounds of itself."""

    @property
    def promises(self) -> Mapping[str, float]:
        """Bounds by metric: the most of what is better lower, the least of what is better higher.

        `overdue_reads` is promised by promising `max_staleness_ms`, how old what it shows of
        others' writes may be. Known as well: `max_response_time_ms`, `lost_writes`,
        `time_to_detect_s`, `time_to_recover_s`, `error_rate`, `fault_availability`.
        """


@runtime_checkable
class Telling(Protocol):
    """A subject that tells of its own turns as they happen."""

    def tell(self, changed: Callable[[str, str, str], None]) -> None:
        """Call `changed(what, state, reason)` at each turn, such as of a breaker, from now on.

        Args:
            changed: Returns at once and never raises.
        """


@runtime_checkable
class Stepping(Protocol):
    """A subject whose clock can be stepped."""

    def clock_s(self) -> float:
        """What its clock says now, in seconds of the monotonic clock and all steps so far."""

    def step_clock(self, by_s: float) -> None:
        """Step the clock that it reads, in seconds; negative is back."""
