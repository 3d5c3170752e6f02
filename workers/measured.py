"""What one phase measured, before anything is derived from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.scenario import Phase
from results.records import FaultWindow, PhaseSpan, SearchTrial
from workers.ledger import Findings
from workers.machine import MachineView
from workers.recorder import Samples

_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPhase:
    """One phase as it went.

    Args:
        phase: What was planned.
        began_ns: When its load began, on the samples' clock.
        span: When its load ran.
        samples: Every operation.
        reads: Keys read by serving tier.
        loads: Calls of the loader.
        findings: What comparing the values read has found.
        warmed_keys: Keys that its warming steps put into L1; None where it has no such step.
        cpu_s: Processor time of this process during the load.
        fault_windows: Its faults' times.
        health_turned_s: From a fault's effect to the subject's health saying so.
        health_recovered_s: From a fault's end to the subject's health being healthy.
        doubts: Why the measurement can't be trusted.
        skipped: Whether nothing of its load was left for this worker.
        unsupported: Whether that is because the subject can do nothing of it.
        offered: Operations that were due; None where the load has no schedule.
        dropped: Operations that were due and never sent.
        left_over: Operations that waited when the schedule's last was due.
        lag_ns: How late the generator handed over each arrival; None without a schedule.
        trials: The trials of a search.
        machine: What was seen of the worker and its machine; None where nobody watched.
        server: What L2's server counted, by metric.
        staleness_ns: How old what was read of other workers' writes was, 0 where it was current;
            shape (cross_reads,). None where there are no others.
        cross_reads: Reads compared with other workers' writes; None where there are no others.
        cross_stale_reads: Of these, those that an acknowledged write had replaced.
        start_offset_s: From the moment that a group agreed upon to this worker's begin.
        clock_error_s: How far apart two workers of the group may see the same moment.
    """

    phase: Phase
    began_ns: int
    span: PhaseSpan
    samples: Samples
    reads: Mapping[str, int]
    loads: int
    findings: Findings
    warmed_keys: int | None
    cpu_s: float
    fault_windows: tuple[FaultWindow, ...] = ()
    health_turned_s: float | None = None
    health_recovered_s: float | None = None
    doubts: tuple[str, ...] = field(default=())
    skipped: bool = False
    unsupported: bool = False
    offered: int | None = None
    dropped: int = 0
    left_over: int = 0
    lag_ns: NDArray[np.int64] | None = None
    trials: tuple[SearchTrial, ...] = ()
    machine: MachineView | None = None
    server: Mapping[str, float] = field(default_factory=dict)
    staleness_ns: NDArray[np.int64] | None = None
    cross_reads: int | None = None
    cross_stale_reads: int | None = None
    start_offset_s: float | None = None
    clock_error_s: float | None = None

    @property
    def duration_s(self) -> float:
        """Wall time of its load."""
        return self.span.end_s - self.span.start_s

    @property
    def recorded_mib(self) -> float:
        """Memory that is taken by what was recorded of it."""
        samples = self.samples
        kept = (samples.start_ns, samples.duration_ns, samples.code, samples.due_ns, self.lag_ns)
        return sum(each.nbytes for each in kept if each is not None) / _MIB
