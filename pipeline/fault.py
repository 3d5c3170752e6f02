"""The frozen vocabulary of faults: what may be broken, with which figures, and when."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

FaultKind = Literal[
    "l2_latency",
    "l2_bandwidth",
    "l2_refused",
    "l2_reset",
    "l2_half_open",
    "l2_one_way",
    "l2_cut_reply",
    "l2_slow_close",
    "l2_kill",
    "l2_kill_with_data",
    "l2_stop",
    "l2_memory",
    "l2_flush",
    "l2_slow_script",
    "l2_client_kill",
    "l2_read_only",
    "l2_wrong_password",
    "l2_failover",
    "l2_corrupt",
    "l2_truncated",
    "l2_foreign",
    "l2_oversized",
    "l3_locked",
    "l3_slow",
    "l3_errors",
    "l3_full",
    "l3_gone",
    "l3_pool",
    "l3_stop",
    "loader_slow",
    "loader_errors",
    "loader_hang",
    "loader_none",
    "loop_block",
    "cpu_taken",
    "memory_pressed",
    "clock_step",
    "worker_kill",
]
Direction = Literal["both", "to_server", "from_server"]
EvictionPolicy = Literal[
    "noeviction",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
]
Need = Literal["l2_proxy", "own_l2", "own_l3", "own_sqlite", "own_postgresql", "loader"]
Share = Annotated[float, Gt(0), Le(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something broken on purpose in mid-phase, once or again and again.

    It comes at `at_s`; with `every_s` it comes `times` times, each so long after the one before;
    with `within_s` it comes `times` times at moments that the job's seed draws from the span
    that begins at `at_s`. Faults of different kinds may overlap. A figure that is left out is the
    kind's own; one that the kind has no use for is refused.

    Args:
        kind: What is broken.
        at_s: Seconds after the phase began.
        duration_s: Seconds until it is undone.
        times: How often it comes.
        every_s: Seconds from one begin to the next.
        within_s: Seconds of the span in which all of it happens at random.
        delay_s: Seconds by which something is late.
        jitter_s: Seconds by which that varies, to both sides.
        bytes_per_s: What still passes in a second.
        after_bytes: So much of a reply passes before it is cut.
        direction: Which way of a connection is disturbed.
        policy: What a full L2 does with a write.
        memory_mib: Memory that L2 may use, or that is taken from the machine.
        share: Share of keys, statements or loads that it meets, above 0 to 1.
        processes: Processes that keep a processor busy.
        step_s: Seconds by which the clock is stepped; negative is back.
        shard: Only this of the scenario's workers meets it, counted from 0; all where None.
    """

    kind: FaultKind
    at_s: Annotated[float, Ge(0)]
    duration_s: Annotated[float, Gt(0)]
    times: Annotated[int, Ge(1), Le(1_000)] = 1
    every_s: Annotated[float, Gt(0)] | None = None
    within_s: Annotated[float, Gt(0)] | None = None
    delay_s: Annotated[float, Gt(0)] | None = None
    jitter_s: Annotated[float, Ge(0)] | None = None
    bytes_per_s: Annotated[int, Ge(1)] | None = None
    after_bytes: Annotated[int, Ge(0)] | None = None
    direction: Direction | None = None
    policy: EvictionPolicy | None = None
    memory_mib: Annotated[int, Ge(1), Le(65_536)] | None = None
    share: Share | None = None
    processes: Annotated[int, Ge(1), Le(64)] | None = None
    step_s: float | None = None
    shard: Annotated[int, Ge(0)] | None = None

    def figure(self, name: str) -> Any:
        """One of its figures: as given, or else the kind's own."""
        given = getattr(self, name)
        return FAULTS[self.kind].figures[name] if given is None else given

    @property
    def end_s(self) -> float:
        """When the last of it is undone at the latest, in seconds after the phase began."""
        if self.within_s is not None:
            return self.at_s + self.within_s
        return self.at_s + (self.times - 1) * (self.every_s or 0.0) + self.duration_s


@dataclass(frozen=True, slots=True)
class FaultFacts:
    """What is known of a kind of fault.

    Args:
        breaks: The tier or part that it breaks: `l2`, `l3`, `loader` or `worker`.
        meaning: What happens, in one sentence without a full stop.
        needs: What must be there for it.
        figures: The figures that it takes, with their defaults.
        group: Faults of one group can't overlap, since one would undo the other.
    """

    breaks: Literal["l2", "l3", "loader", "worker"]
    meaning: str
    needs: tuple[Need, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    group: str = ""


_PROXY: tuple[Need, ...] = ("l2_proxy",)
_OWN_L2: tuple[Need, ...] = ("own_l2",)
_SQLITE: tuple[Need, ...] = ("own_l3", "own_sqlite")
_LOADER: tuple[Need, ...] = ("loader",)


def _network(meaning: str, **figures: Any) -> FaultFacts:
    return FaultFacts("l2", meaning, _PROXY, MappingProxyType(figures), "l2_network")


def _server(meaning: str, **figures: Any) -> FaultFacts:
    return FaultFacts("l2", meaning, _OWN_L2, MappingProxyType(figures), "l2_server")


def _payload(meaning: str, **figures: Any) -> FaultFacts:
    return FaultFacts("l2", meaning, (), MappingProxyType(figures), "l2_payload")


def _l3(meaning: str, *needs: Need, **figures: Any) -> FaultFacts:
    return FaultFacts("l3", meaning, ("own_l3", *needs), MappingProxyType(figures), "l3")


def _loader(meaning: str, **figures: Any) -> FaultFacts:
    return FaultFacts("loader", meaning, _LOADER, MappingProxyType(figures), "loader")


def _worker(meaning: str, group: str, **figures: Any) -> FaultFacts:
    return FaultFacts("worker", meaning, (), MappingProxyType(figures), group)


FAULTS: Mapping[FaultKind, FaultFacts] = MappingProxyType(
    {
        "l2_latency": _network(
            "each byte to and from L2 is late", delay_s=0.02, jitter_s=0.005, direction="both"
        ),
        "l2_bandwidth": _network(
            "only so many bytes a second pass on each connection to L2",
            bytes_per_s=20_000,
            direction="both",
        ),
        "l2_refused": _network("connections to L2 are cut, and new ones are refused"),
        "l2_reset": _network("connections to L2 are reset, and new ones at their first byte"),
        "l2_half_open": _network("connections to L2 are accepted and nothing is ever answered"),
        "l2_one_way": _network(
            "what goes one way between the cache and L2 does not arrive", direction="from_server"
        ),
        "l2_cut_reply": _network("connections to L2 are cut in mid-reply", after_bytes=7),
        "l2_slow_close": _network(
            "L2 answers nothing more, and its connections close only after a while", delay_s=0.5
        ),
        "l2_kill": _server("L2 dies by SIGKILL and comes back empty"),
        "l2_kill_with_data": _server("L2 dies by SIGKILL and comes back with the data that it had"),
        "l2_stop": _server("L2 is stopped by SIGSTOP, then continued"),
        "l2_memory": _server(
            "L2 may use hardly any memory, and does with writes what its policy says",
            memory_mib=1,
            policy="allkeys-lru",
        ),
        "l2_flush": _server("L2 is emptied (FLUSHALL)"),
        "l2_slow_script": _server("a script keeps L2 from answering anybody"),
        "l2_client_kill": _server("L2 cuts all of its connections again and again (CLIENT KILL)"),
        "l2_read_only": _server("L2 is a replica that refuses writes"),
        "l2_wrong_password": _server("L2's password is rotated, and the cache has the old one"),
        "l2_failover": _server("L2 dies, and its replica takes its place"),
        "l2_corrupt": _payload("values under the cache's keys in L2 have wrong bytes", share=0.5),
        "l2_truncated": _payload("values under the cache's keys in L2 end too early", share=0.5),
        "l2_foreign": _payload("what lies under the cache's keys in L2 is not its own", share=0.5),
        "l2_oversized": _payload("values under the cache's keys in L2 are huge", share=0.01),
        "l3_locked": _l3("the database is locked by somebody else"),
        "l3_slow": _l3("each statement takes longer", delay_s=0.05),
        "l3_errors": _l3("statements fail", share=0.3),
        "l3_full": _l3("the database's disk is full", "own_sqlite"),
        "l3_gone": _l3("the database's file is gone", "own_sqlite"),
        "l3_pool": _l3("every connection to the database is taken"),
        "l3_stop": _l3("PostgreSQL is stopped and started again", "own_postgresql"),
        "loader_slow": _loader("the loader takes longer", delay_s=0.2),
        "loader_errors": _loader("the loader raises", share=0.5),
        "loader_hang": _loader("the loader does not return until it is over"),
        "loader_none": _loader("the loader answers None", share=0.5),
        "loop_block": _worker("the worker's event loop is blocked", "loop"),
        "cpu_taken": _worker("other processes take the processors", "cpu", processes=2),
        "memory_pressed": _worker("another process takes memory", "memory", memory_mib=256),
        "clock_step": _worker("the cache's clock is stepped", "clock", step_s=3600.0),
        "worker_kill": _worker("the worker is killed; the job's next attempt measures", "kill"),
    }
)
"""Every kind of fault."""


def moments_s(fault: Fault, seed: int) -> tuple[float, ...]:
    """When a fault comes, in seconds after the phase began, in order; the same for each seed.

    Args:
        fault: What and when.
        seed: Of the job.
    """
    if fault.within_s is None:
        return tuple(fault.at_s + number * (fault.every_s or 0.0) for number in range(fault.times))
    draw = random.Random(f"{seed}:{fault.kind}:{fault.at_s}:{fault.within_s}")
    room_s = fault.within_s - fault.times * fault.duration_s
    gaps_s = sorted(draw.uniform(0.0, room_s) for _ in range(fault.times))
    return tuple(
        fault.at_s + gap_s + number * fault.duration_s for number, gap_s in enumerate(gaps_s)
    )


def figures_of(fault: Fault) -> dict[str, Any]:
    """The figures that a fault runs with, by name."""
    return {name: fault.figure(name) for name in FAULTS[fault.kind].figures}
