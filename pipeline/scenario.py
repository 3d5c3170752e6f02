"""The frozen vocabulary of scenarios: what is run, said as data that travels with a job."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import ConfigDict, Field

from pipeline.data import Data
from pipeline.fault import Fault
from pipeline.load import Load
from pipeline.subject import SubjectSettings
from results.expectation import Expectation

ScenarioType = Literal["integration", "performance", "load", "resilience"]
Step = Literal["empty_l1", "empty_l2", "empty_l3", "warm"]
Tier = Literal["l1", "l2", "l3"]

NAME_PATTERN = r"^[a-z][a-z0-9_]{0,63}$"
"""Names are keys of the report, so they are plain words."""

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
"""How data from outside are checked: no unknown keys, no conversions."""

MAX_DEADLINE_S = 6 * 3600
"""The longest that a scenario may take."""

Ratio = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slo:
    """What counts as recovered: so many seconds in a row, each within these bounds.

    Args:
        error_rate: Share of a second's operations that may fail.
        p99_ms: Most that a second's 99th percentile may be; where None, the subject's promise of
            `max_response_time_ms`, and no bound where it has made none.
        seconds: How many such seconds in a row.
    """

    error_rate: Ratio = 0.0
    p99_ms: Annotated[float, Gt(0)] | None = None
    seconds: Annotated[int, Ge(1), Le(60)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRatioTarget:
    """Where a phase's hit ratio must lie for its figures to mean what the scenario says."""

    at_least: Ratio = 0.0
    at_most: Ratio = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One part of a scenario.

    Args:
        name: Unique in its scenario.
        load: What is done and measured.
        warmup: Whether it is stored, marked and left out of every figure of the scenario.
        before: What is done, unmeasured, before its load begins.
        faults: What is broken during its load.
        restart: The worker, counted from 0, whose cache leaves when the load begins and is back,
            with an empty L1, half-way; it does none of this load. None where all stay.
        hit_ratio: Outside of this the attempt is invalid; None where any hit ratio will do.
    """

    name: Annotated[str, MinLen(1)]
    load: Load
    warmup: bool = False
    before: tuple[Step, ...] = ()
    faults: tuple[Fault, ...] = ()
    restart: Annotated[int, Ge(0)] | None = None
    hit_ratio: HitRatioTarget | None = None


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
        apart: Whether it belongs to `suites` alone, and neither to its type's nor to `all`.
        needs_tiers: Without these it says nothing: on a subject that lacks one its phases are not
            supported.
        l2_server: `shared` uses the worker's L2, `own` is a server of the job's alone, which
            faults may break.
        l3_server: `shared` uses the worker's L3, `own` is an SQLite file of the job's alone,
            `own_postgresql` a PostgreSQL server of its own, where its programs are installed.
        l2_settings: Configuration of the job's own L2 server, such as `maxmemory`.
        workers: Jobs that make the load together, started at the same moment.
        writers: So many of the workers do the mix's writes alone, the others its reads alone;
            None where each does the whole mix.
        start_within_s: Seconds that a worker waits for the others.
        history: Whether every operation is kept and checked against all others; always so where
            there are faults.
        audit: The tiers that are emptied before all acknowledged writes are read back at the end,
            where a history is kept; nothing is read back where empty.
        slo: What counts as recovered after a fault.
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
    apart: bool = False
    needs_tiers: tuple[Tier, ...] = ()
    l2_server: Literal["shared", "own"] = "shared"
    l3_server: Literal["shared", "own", "own_postgresql"] = "shared"
    l2_settings: Mapping[str, str] = field(default_factory=dict)
    workers: Annotated[int, Ge(1), Le(256)] = 1
    writers: Annotated[int, Ge(1)] | None = None
    start_within_s: Annotated[float, Gt(0), Le(600)] = 30.0
    history: bool = False
    audit: tuple[Tier, ...] = ("l1",)
    slo: Slo = field(default_factory=Slo)
    subject: SubjectSettings = field(default_factory=SubjectSettings)
    data: Data = field(default_factory=Data)
    phases: Annotated[tuple[Phase, ...], MinLen(1)]
    expectations: tuple[Expectation, ...] = ()

    __pydantic_config__ = STRICT

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults of all phases, in order."""
        return tuple(fault for phase in self.phases for fault in phase.faults)

    @property
    def keeps_history(self) -> bool:
        """Whether every operation is kept and checked."""
        return self.history or bool(self.faults) or self.writers is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """All that a worker needs to do one job, beside its own addresses.

    Args:
        scenario: What to do, with every parameter filled in.
        subject: Name of the cache under test (an entry point of `tierbench.subjects`).
        seed: Seed of all that is random in it; the same over repeats and subjects.
        own_server: Kind of the job's own L2 server, where the scenario has one.
        shard: Which of the scenario's workers does it, from 0.
        code_version: The commit or the name of what is measured; None where it isn't known.
        dirty: Whether that commit had uncommitted changes; None where it isn't known.
        source_file: SHA-256 of the user's file that the scenario came from; None where built in.
    """

    scenario: Scenario
    subject: str
    seed: int
    own_server: Literal["embedded", "docker"] = "embedded"
    shard: int = 0
    code_version: str | None = None
    dirty: bool | None = None
    source_file: str | None = None

    __pydantic_config__ = STRICT
