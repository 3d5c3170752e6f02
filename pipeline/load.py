"""The frozen vocabulary of load: which operations come, on which keys, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import Field

Operation = Literal[
    "get",
    "set",
    "insert",
    "delete",
    "get_many",
    "set_many",
    "scan",
    "read_modify_write",
    "clear",
]
Distribution = Literal[
    "uniform", "zipf", "hotspot", "latest", "sequential", "exponential", "moving_hotspot"
]
Arrivals = Literal["constant", "poisson", "stepped", "ramped", "bursty"]

WRITES: frozenset[Operation] = frozenset(
    ("set", "insert", "delete", "set_many", "read_modify_write", "clear")
)
"""The operations that change something."""

Share = Annotated[float, Gt(0), Le(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChoice:
    """Which key an operation asks for.

    Args:
        distribution: How keys are drawn. `sequential` walks through all keys, each user its share;
            `latest` is Zipf's over the keys inserted last; `hotspot` gives `hot_operations` of
            all operations to the first `hot_keys` of all keys; a `moving_hotspot` does so with a
            window that moves on by its own width; `exponential` falls so that `hot_operations`
            lie within the first `hot_keys`.
        exponent: Of `zipf` and `latest`; above 0.
        scrambled: Whether the popular keys of `zipf` lie anywhere among the numbers instead of
            first.
        hot_keys: Share of the keys that are hot, above 0 to 1.
        hot_operations: Share of the operations that the hot keys get, above 0 to 1.
        move_every: Draws of one user after which a `moving_hotspot` moves on.
    """

    distribution: Distribution = "uniform"
    exponent: Annotated[float, Gt(0)] = 0.99
    scrambled: bool = False
    hot_keys: Share = 0.2
    hot_operations: Share = 0.8
    move_every: Annotated[int, Ge(1)] = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the operations of a load are.

    Args:
        mix: Weight of each operation. `insert` sets a key that was not there before, `scan` is a
            get_many of keys whose numbers follow each other, `read_modify_write` a get and then a
            set of its key, measured as one.
        keys: Which keys are asked for.
        batch: Keys of one get_many or set_many, and the most of a scan.
        loader: Whether reads bring a loader (the origin) with them.
        loader_time_s: Seconds that the origin takes for a load.
    """

    mix: Mapping[Operation, Annotated[float, Gt(0)]] = field(default_factory=lambda: {"get": 1.0})
    keys: KeyChoice = KeyChoice()
    batch: Annotated[int, Ge(1)] = 10
    loader: bool = True
    loader_time_s: Annotated[float, Ge(0)] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLoad(Work):
    """A closed loop: each user starts its next operation after its last has ended.

    Args:
        users: Users at the same time, over all workers of the scenario.
        operations: Operations of each user; None where `duration_s` ends the phase.
        duration_s: Seconds of load; None where `operations` ends the phase.
        think_time_s: Seconds that a user waits between two operations.
    """

    kind: Literal["closed"] = "closed"
    users: Annotated[int, Ge(1), Le(10_000)] = 1
    operations: Annotated[int, Ge(1)] | None = None
    duration_s: Annotated[float, Gt(0)] | None = None
    think_time_s: Annotated[float, Ge(0)] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLoad(Work):
    """An open loop: operations are due at times of their own, however long others take.

    Args:
        rate: Operations due in a second, over all workers of the scenario; what the arrivals
            begin with.
        arrivals: `constant` gaps; `poisson` at a constant rate; `stepped` and `ramped` go from
            `rate` to `to_rate`, in `steps` equal steps or evenly, with Poisson gaps; `bursty` is
            Poisson at `rate` and, in the last `burst_s` of every `burst_every_s`, at `to_rate`.
        duration_s: Seconds in which operations become due.
        to_rate: See `arrivals`; needed by stepped, ramped and bursty.
        steps: Number of steps of `stepped`.
        burst_every_s: Seconds from one burst's end to the next one's.
        burst_s: Seconds of one burst; less than `burst_every_s`.
        max_in_flight: Operations at the same time in one worker; what is due beyond them waits,
            and its waiting counts.
        max_waiting: Operations that may wait in one worker; what is due beyond them is dropped,
            counted, and makes the attempt invalid.
    """

    kind: Literal["open"] = "open"
    rate: Annotated[float, Gt(0), Le(1_000_000)]
    arrivals: Arrivals = "poisson"
    duration_s: Annotated[float, Gt(0)]
    to_rate: Annotated[float, Gt(0), Le(1_000_000)] | None = None
    steps: Annotated[int, Ge(2), Le(1_000)] = 5
    burst_every_s: Annotated[float, Gt(0)] = 1.0
    burst_s: Annotated[float, Gt(0)] = 0.1
    max_in_flight: Annotated[int, Ge(1), Le(100_000)] = 64
    max_waiting: Annotated[int, Ge(1)] = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLoad(Work):
    """The highest rate of an open loop at which the 99th percentile stays below a bound.

    Each trial is an open loop of `trial_s` seconds at a constant rate with Poisson gaps. The rate
    is doubled until a trial fails or is saturated, or where the first does so halved until one
    holds, down to a 16th. Then it is halved in between until the highest that held and the lowest
    that did not lie within `resolution` of each other.

    Args:
        p99_below_ms: The bound on the intended response time.
        from_rate: Operations a second of the first trial.
        to_rate: No trial has more.
        trial_s: Seconds of one trial.
        resolution: As a share of the rate.
        max_in_flight: As in an open load.
    """

    kind: Literal["search"] = "search"
    p99_below_ms: Annotated[float, Gt(0)]
    from_rate: Annotated[float, Gt(0)] = 500.0
    to_rate: Annotated[float, Gt(0), Le(1_000_000)] = 200_000.0
    trial_s: Annotated[float, Gt(0)] = 2.0
    resolution: Annotated[float, Gt(0), Lt(1)] = 0.05
    max_in_flight: Annotated[int, Ge(1), Le(100_000)] = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLoad:
    """Replay of a trace in its order.

    Args:
        trace: A trace file (once planned: its SHA-256); None replays a seeded synthetic trace.
        requests: At most so many requests of it; all where None (synthetic: 10,000).
        distinct_keys: Keys of the synthetic trace.
        timed: Whether requests are due at their recorded times (an open loop), or follow each
            other as fast as possible (a closed loop of one user).
        rate_scale: How many times faster than recorded a timed replay goes.
        key_scale: Below 1, only this share of the keys, chosen by their hash (SHARDS, FAST 2015);
            a whole number above 1 gives each key so many copies, each with all its requests.
        max_in_flight: As in an open load; a timed replay's alone.
    """

    kind: Literal["trace"] = "trace"
    trace: str | None = None
    requests: Annotated[int, Ge(1)] | None = None
    distinct_keys: Annotated[int, Ge(1)] = 2_000
    timed: bool = False
    rate_scale: Annotated[float, Gt(0)] = 1.0
    key_scale: Annotated[float, Gt(0), Le(1_000)] = 1.0
    max_in_flight: Annotated[int, Ge(1), Le(100_000)] = 64


Load = Annotated[ClosedLoad | OpenLoad | SearchLoad | TraceLoad, Field(discriminator="kind")]
