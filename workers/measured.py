"""What one phase measured, before anything is derived from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.scenario import ClosedLoad, Phase
from results.records import FaultWindow, PhaseSpan
from workers.ledger import Findings
from workers.recorder import Samples

MIN_SAMPLES = 10


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

    @property
    def duration_s(self) -> float:
        """Wall time of its load."""
        return self.span.end_s - self.span.start_s

    @property
    def too_few(self) -> str | None:
        """Why its samples are too few to be judged; None where they are enough.

        A fixed number of operations is as many as were asked for.
        """
        load = self.phase.load
        timed = isinstance(load, ClosedLoad) and load.duration_s is not None
        wanted = MIN_SAMPLES if timed else 1
        if len(self.samples) >= wanted:
            return None
        return (
            f"phase {self.phase.name}: {len(self.samples)} operations in {self.duration_s:.1f} s "
            f"are too few, expected {wanted} or more"
        )
