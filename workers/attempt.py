"""An attempt while it goes: its clock, what it has measured so far, and what becomes of it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.scenario import JobSpec, Slo
from results.attempt_result import (
    AttemptResult,
    Change,
    Environment,
    FaultWindow,
    Finding,
    Interval,
    Observation,
)
from results.records import LostAttempt
from workers import observations, validity
from workers.audit import Audited
from workers.calibration import Calibration
from workers.checker.statistics import differing, findings_of
from workers.distributions import distributions_of, readings_of
from workers.faults.ground import unsupervised
from workers.files import FileSource
from workers.group import Alone, Gathering
from workers.health import turns_of
from workers.intervals import intervals_of
from workers.measured import MeasuredPhase
from workers.recorder import CodeBook
from workers.windows import Seen, Windows, windows_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One attempt at a job, and where its services are.

    Args:
        spec: What to do.
        namespace: Prefix of this attempt's keys in the shared tiers, and of nobody else's.
        l2_url: The worker's L2.
        l3_url: The worker's L3.
        files: Where the files are that the scenario names.
        leftovers: Prefixes of the earlier attempts at the job, whose worker may have been killed.
        samples: Where raw timings are written too; None where they are not.
        group: The jobs that make the load together with this one.
        folder: Where a folder for this attempt is made; that of the system's temporary files
            where None.
        allowed: Servers of others that faults may break, as `workers.destructive` has them.
        kill: Ends this process at once.
        lost: The attempt that this one resumes, where its own fault has killed its worker.
    """

    spec: JobSpec
    namespace: str
    l2_url: str
    l3_url: str
    files: FileSource
    leftovers: tuple[str, ...] = ()
    samples: Path | None = None
    group: Gathering = field(default_factory=Alone)
    folder: Path | None = None
    allowed: tuple[str, ...] = ()
    kill: Callable[[], None] = unsupervised
    lost: tuple[LostAttempt, ...] = ()


@dataclass(slots=True, kw_only=True)
class Attempt:
    """What is known of an attempt so far."""

    environment: Environment
    codes: CodeBook = field(default_factory=CodeBook)
    phases: list[MeasuredPhase] = field(default_factory=list)
    statistics: Mapping[str, int] = field(default_factory=dict)
    lacks: frozenset[str] = frozenset()
    distinct_keys: int = 0
    memory_before_mib: float = 0.0
    memory_after_mib: float | None = None
    calibration: Calibration | None = None
    loop_after_ns: int = 0
    slo: Slo = field(default_factory=Slo)
    promises: Mapping[str, float] = field(default_factory=dict)
    keeps_history: bool = False
    audited: Audited = field(default_factory=Audited)
    told: list[Change] = field(default_factory=list)
    began_ns: int = field(default_factory=time.perf_counter_ns)

    def now_s(self) -> float:
        """Seconds since it began."""
        return (time.perf_counter_ns() - self.began_ns) / 1e9

    def changed(self, what: str, state: str, reason: str) -> None:
        """Note a turn of the subject's own, now."""
        self.told.append(Change(at_s=self.now_s(), what=what, state=state, reason=reason))

    def result(self) -> AttemptResult:
        """All that it saw, as it is stored, once it went through."""
        execution_time_s = self.now_s()
        changes = self._changes()
        windows = self._windows(changes)
        return AttemptResult(
            execution_time_s=execution_time_s,
            environment=self.environment,
            intervals=self._intervals(),
            observations=self._observations(execution_time_s),
            phases=tuple(measured.span for measured in self.phases),
            fault_windows=self._fault_windows(),
            distributions=tuple(
                each for measured in self.phases for each in distributions_of(measured)
            ),
            readings=tuple(each for measured in self.phases for each in readings_of(measured)),
            trials=tuple(trial for measured in self.phases for trial in measured.trials),
            window_times=windows.times,
            window_figures=windows.figures,
            changes=changes,
            findings=self._findings(),
            promises=dict(self.promises),
            unsupported=tuple(sorted({*self.lacks, *self._skipped_phases()})),
            invalid_reason=self._invalid_reason(),
        )

    def failure(self, error: str) -> AttemptResult:
        """What is kept of it where it raised: how far it came, and no figures.

        Args:
            error: Why, on one line.
        """
        return replace(self._without_figures(), error=error)

    def invalid(self, reason: str) -> AttemptResult:
        """What is kept of it where going on could have led to no measurement: as of a failure.

        Args:
            reason: Why, on one line.
        """
        return replace(self._without_figures(), invalid_reason=reason)

    def _without_figures(self) -> AttemptResult:
        return AttemptResult(
            execution_time_s=self.now_s(),
            environment=self.environment,
            phases=tuple(measured.span for measured in self.phases),
            fault_windows=self._fault_windows(),
            unsupported=tuple(sorted(self.lacks)),
        )

    def _skipped_phases(self) -> list[str]:
        return [
            f"phase {measured.phase.name}"
            for measured in self.phases
            if measured.unsupported or ("warm" in self.lacks and "warm" in measured.phase.before)
        ]

    def _fault_windows(self) -> tuple[FaultWindow, ...]:
        return tuple(window for measured in self.phases for window in measured.fault_windows)

    def _changes(self) -> tuple[Change, ...]:
        of_health = (change for measured in self.phases for change in turns_of(measured.health))
        return tuple(sorted([*self.told, *of_health], key=lambda change: change.at_s))

    def _findings(self) -> tuple[Finding, ...]:
        of_phases = (each for measured in self.phases for each in measured.checked.findings)
        different = differing(observations.reads_of(self.phases), self.statistics)
        return (*of_phases, *self.audited.findings, *findings_of(different))

    def _windows(self, changes: Sequence[Change]) -> Windows:
        stale = [each.checked.stale for each in self.phases if not each.phase.warmup]
        seen = Seen(
            began_ns=self.began_ns,
            codes=self.codes.codes,
            changes=changes,
            stale=stale if self.keeps_history else None,
            lost_ns=self.audited.lost_began_ns,
        )
        return windows_of(self.phases, seen, self.slo, self.promises)

    def _intervals(self) -> tuple[Interval, ...]:
        codes = self.codes.codes
        return tuple(
            interval
            for measured in self.phases
            for interval in intervals_of(measured.phase, measured.samples, codes, measured.began_ns)
        )

    def _observations(self, execution_time_s: float) -> tuple[Observation, ...]:
        whole: observations.Figures = {
            "statistics_mismatches": observations.statistics_mismatches(
                self.phases, self.statistics
            ),
            "distinct_keys": self.distinct_keys,
            "audited_writes": self.audited.audited_writes,
            "lost_writes": self.audited.lost_writes,
            "subject_memory_mib": self._subject_memory_mib(),
            "worker_cpu_ratio": observations.worker_cpu_ratio(self.phases),
            "execution_time_seconds": execution_time_s,
        }
        if self.calibration is not None:
            whole |= observations.of_calibration(self.calibration, self.loop_after_ns)
        seen = [each for measured in self.phases for each in observations.of_phase(measured)]
        seen += [
            Observation(metric=metric, value=float(value))
            for metric, value in whole.items()
            if value is not None
        ]
        return tuple(each for each in seen if each.metric not in self.lacks)

    def _subject_memory_mib(self) -> float | None:
        if self.memory_after_mib is None:
            return None
        recorded_mib = sum(measured.recorded_mib for measured in self.phases)
        return max(self.memory_after_mib - self.memory_before_mib - recorded_mib, 0.0)

    def _invalid_reason(self) -> str | None:
        doubts = [
            doubt for measured in self.phases for doubt in validity.doubts(measured, self.lacks)
        ]
        if self.calibration is not None:
            doubts += validity.noisy_machine(self.phases, self.calibration, self.loop_after_ns)
        return "; ".join(doubts) or None
