"""One accepted attempt as it is read back: everything that figures are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from results.attempt_result import (
    Change,
    Distribution,
    FaultWindow,
    Finding,
    Interval,
    Observation,
    PhaseSpan,
    Reading,
    SearchTrial,
    WindowFigure,
    WindowTimes,
)

OK = "ok"
"""The outcome of an interval whose operations succeeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedAttempt:
    """One accepted attempt with all it saw; `started_at_s` is in seconds since the epoch."""

    attempt_id: str
    scenario: str
    subject: str
    repeat: int
    group: str
    worker_id: str
    started_at_s: float
    shared: bool
    execution_time_s: float
    environment_class: str
    unsupported: frozenset[str]
    shard: int = 0
    intervals: Sequence[Interval] = ()
    observations: Sequence[Observation] = ()
    phases: Sequence[PhaseSpan] = ()
    fault_windows: Sequence[FaultWindow] = ()
    distributions: Sequence[Distribution] = ()
    readings: Sequence[Reading] = ()
    trials: Sequence[SearchTrial] = ()
    window_times: Sequence[WindowTimes] = ()
    window_figures: Sequence[WindowFigure] = ()
    changes: Sequence[Change] = ()
    findings: Sequence[Finding] = ()
    promises: Mapping[str, float] = field(default_factory=dict)
