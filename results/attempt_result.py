"""What an attempt saw: its result and all that is stored with it, without behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from results.histogram import Histogram

WINDOW_PARTS = ("before", "during", "after")
"""From the fault window before to the request, from effect to end, and from then to the next."""

IDLE = "idle"

WINDOW_FIGURES = (
    "length_s",
    "loads",
    "stale_reads",
    "overdue_reads",
    "max_staleness_ms",
    "lost_writes",
    "detect_s",
    "recover_s",
    "unrecovered_s",
    IDLE,
)
"""Of each part: its length, calls of the loader, and what the checker found. Of the whole: times
from effect to the subject's noticing, and from end to recovery; where no recovery was seen, how
long one could have been; and all writes that were lost. Of a worker that did nothing at all, `IDLE`
and none of these times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """What one operation met in one second of a phase, as histograms in ns.

    `histogram` holds response times: in an open loop from when an operation was due (intended), in
    a closed loop from when it was sent. `service` holds the times from when it was sent; None
    where those are the same. `second` counts from 0 at the phase's begin. `outcome` is `ok` or the
    kind of error; `tier` is the one that served, `none` where none did.
    """

    phase: str
    warmup: bool
    second: int
    operation: str
    tier: str
    outcome: str
    histogram: Histogram
    service: Histogram | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Many figures of one kind as a histogram in ns; `name` is one of `metrics.DISTRIBUTIONS`."""

    name: str
    phase: str
    warmup: bool
    histogram: Histogram


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A figure of the worker's machine in one second of a phase, such as `loop_lag_ms`."""

    name: str
    phase: str
    second: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTrial:
    """One trial of a search for the highest rate; `number` counts from 0 in its phase.

    `held` says whether its 99th percentile stayed below the bound and nothing was left over.
    """

    phase: str
    number: int
    rate: float
    achieved_rate: float
    p99_ms: float | None
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One figure of a metric of `results.metrics`; `phase` is None for the whole attempt."""

    metric: str
    value: float
    phase: str | None = None
    warmup: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseSpan:
    """When a phase ran, in seconds since the attempt began, and in which loop.

    `loop` is `closed`, `open` or `search`: every figure says which loop it came from.
    """

    phase: str
    warmup: bool
    loop: str = "closed"
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultWindow:
    """A fault's times in seconds since the attempt began; None where it never came to that.

    `number` counts the attempt's windows from 0. Times before the attempt are negative: what
    killed the attempt before this one.
    """

    number: int = 0
    kind: str
    phase: str
    requested_s: float
    effective_s: float | None
    cleared_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowTimes:
    """What operations met in one part of a fault window, as a histogram of response times in ns.

    `window` is the number of the fault window; `part` is one of `WINDOW_PARTS`. `tier` and
    `outcome` are those of an interval.
    """

    window: int
    part: str
    operation: str
    tier: str
    outcome: str
    histogram: Histogram


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFigure:
    """One figure of a fault window, or of one part of it; `name` is one of `WINDOW_FIGURES`."""

    window: int
    name: str
    value: float
    part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A turn of the subject's own, in seconds since the attempt began.

    `what` is `health` or a breaker such as `l2 breaker`; `state` is what it turned to.
    """

    at_s: float
    what: str
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong that a check has found, with the fewest operations that prove it.

    `kind` is the metric that counts it, such as `stale_reads`; `count` says how often it was
    found. Each operation of the example is JSON-able: `operation`, `key`, `value` (a revision),
    `worker`, `began_s`, `ended_s` (None: never answered), in seconds since the attempt began.
    """

    kind: str
    phase: str | None
    count: int
    text: str
    example: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where an attempt ran: `environment_class` groups machines whose figures may be compared."""

    environment_class: str
    fingerprint: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptResult:
    """All that an attempt saw.

    `promises` are the bounds that the subject states of itself, by metric.
    `error` is set where it raised (the attempt failed), `invalid_reason` where its measurement
    can't be trusted. `unsupported` names the tiers, metrics and operations that the subject lacks,
    and as `phase NAME` the phases that were skipped because it lacks all their operations.
    """

    execution_time_s: float
    environment: Environment
    intervals: tuple[Interval, ...] = ()
    observations: tuple[Observation, ...] = ()
    phases: tuple[PhaseSpan, ...] = ()
    fault_windows: tuple[FaultWindow, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    readings: tuple[Reading, ...] = ()
    trials: tuple[SearchTrial, ...] = ()
    window_times: tuple[WindowTimes, ...] = ()
    window_figures: tuple[WindowFigure, ...] = ()
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    promises: Mapping[str, float] = field(default_factory=dict)
    unsupported: tuple[str, ...] = ()
    error: str | None = None
    invalid_reason: str | None = None
