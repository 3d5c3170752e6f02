"""The frozen vocabulary of scenarios: what is run, said as data that travels with a job."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import ConfigDict, Field

from pipeline.subject import SubjectSettings
from results.expectation import Expectation

Operation = Literal["get", "set", "delete", "get_many", "set_many"]
ScenarioType = Literal["integration", "performance", "load", "resilience"]
Step = Literal["empty_l1", "empty_l2", "empty_l3", "warm"]
FaultKind = Literal["l2_kill", "l2_stop"]

NAME_PATTERN = r"^[a-z][a-z0-9_]{0,63}$"
"""Names are keys of the report, so they are plain words."""

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
"""How data from outside are checked: no unknown keys, no conversions."""

MAX_DEADLINE_S = 6 * 3600
"""The longest that a scenario may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The keys of a scenario and the values under them.

    Args:
        kind: One of the data generator's sets.
        keys: Number of keys, `<kind>:0` to `<kind>:<keys - 1>`.
    """

    kind: Literal["simple", "users", "products", "sessions", "complex", "mixed"] = "simple"
    keys: Annotated[int, Ge(1), Le(10_000_000)] = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChoice:
    """Which key an operation asks for: `sequential` walks through all keys, each user its share.

    Args:
        distribution: How keys are drawn.
        exponent: Zipf's exponent; above 0, ignored elsewhere.
    """

    distribution: Literal["uniform", "zipf", "sequential"] = "uniform"
    exponent: Annotated[float, Gt(0)] = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLoad:
    """A closed loop: each user starts its next operation after its last has ended.

    Args:
        users: Users at the same time.
        operations: Operations of each user; None where `duration_s` ends the phase.
        duration_s: Seconds of load; None where `operations` ends the phase.
        think_time_s: Seconds that a user waits between two operations.
        mix: Weight of each operation.
        keys: Which keys are asked for.
        batch: Keys of one get_many or set_many.
        loader: Whether reads bring a loader (the origin) with them.
        loader_time_s: Seconds that the origin takes for a load.
    """

    kind: Literal["closed"] = "closed"
    users: Annotated[int, Ge(1), Le(10_000)] = 1
    operations: Annotated[int, Ge(1)] | None = None
    duration_s: Annotated[float, Gt(0)] | None = None
    think_time_s: Annotated[float, Ge(0)] = 0.0
    mix: Mapping[Operation, Annotated[float, Gt(0)]] = field(default_factory=lambda: {"get": 1.0})
    keys: KeyChoice = KeyChoice()
    batch: Annotated[int, Ge(1)] = 10
    loader: bool = True
    loader_time_s: Annotated[float, Ge(0)] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLoad:
    """Replay of a trace by one closed-loop user, in its order, as fast as it goes.

    Args:
        trace: A trace file (once planned: its SHA-256); None replays a seeded synthetic trace.
        requests: At most so many requests of it; all where None (synthetic: 10,000).
        distinct_keys: Keys of the synthetic trace.
    """

    kind: Literal["trace"] = "trace"
    trace: str | None = None
    requests: Annotated[int, Ge(1)] | None = None
    distinct_keys: Annotated[int, Ge(1)] = 2_000


Load = Annotated[ClosedLoad | TraceLoad, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something broken on purpose in mid-phase.

    Args:
        kind: What is broken: the job's own L2 server is killed and started again, or stopped
            and continued.
        at_s: Seconds after the phase began.
        duration_s: Seconds until it is undone.
    """

    kind: FaultKind
    at_s: Annotated[float, Ge(0)]
    duration_s: Annotated[float, Gt(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One part of a scenario; `before` is done, unmeasured, before its load begins."""

    name: Annotated[str, MinLen(1)]
    load: Load
    warmup: bool = False
    before: tuple[Step, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A whole scenario.

    Args:
        name: Its name, as it is asked for and reported.
        purpose: One sentence: what it shows.
        type: The kind of test it is.
        time_s: About how long it takes on 2 cores.
        deadline_s: After this it is stopped and has failed.
        suites: Suites besides its type's and `all` that it belongs to.
        l2_server: `shared` uses the worker's L2, `own` is a server of the job's alone, which
            faults may break.
        subject: How the cache under test is set up.
        data: Its keys and values.
        phases: What happens, in order.
        expectations: What must be true of the figures; each counts as a test.
    """

    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    purpose: Annotated[str, MinLen(1)]
    type: ScenarioType
    time_s: Annotated[float, Gt(0)]
    deadline_s: Annotated[float, Gt(0), Le(MAX_DEADLINE_S)] = 120.0
    suites: tuple[str, ...] = ()
    l2_server: Literal["shared", "own"] = "shared"
    subject: SubjectSettings = field(default_factory=SubjectSettings)
    data: Data = Data()
    phases: Annotated[tuple[Phase, ...], MinLen(1)]
    expectations: tuple[Expectation, ...] = ()

    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """All that a worker needs to do one job, beside its own addresses.

    Args:
        scenario: What to do, with every parameter filled in.
        subject: Name of the cache under test (an entry point of `tierbench.subjects`).
        seed: Seed of all that is random in it; the same over repeats and subjects.
        own_server: Kind of the job's own L2 server, where the scenario has one.
        source_file: SHA-256 of the user's file that the scenario came from; None where built in.
    """

    scenario: Scenario
    subject: str
    seed: int
    own_server: Literal["embedded", "docker"] = "embedded"
    source_file: str | None = None

    __pydantic_config__ = STRICT
