"""From measured phases to observations: figures by the names of `results.metrics`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from results.attempt_result import FaultWindow, Observation
from workers.calibration import Calibration
from workers.caller import DEPTH
from workers.checker.statistics import differing
from workers.ledger import Findings
from workers.machine import MachineView
from workers.measured import MeasuredPhase
from workers.validity import drift_ratio

Figures = dict[str, float | None]

_NS_PER_MS = 1_000_000
_NS_PER_US = 1_000


def of_phase(measured: MeasuredPhase) -> Iterator[Observation]:
    """The figures of one phase; those that it has none of are left out.

    Args:
        measured: The phase.
    """
    figures: Figures = {
        **{f"reads_{tier}": measured.reads.get(tier, 0) for tier in DEPTH},
        "loads": measured.loads,
        **_of_ledger(measured.findings),
        "warmed_keys": measured.warmed_keys,
        "resumed_after_s": _resumed_after_s(measured.fault_windows),
        "health_turned_s": measured.health_turned_s,
        "health_recovered_s": measured.health_recovered_s,
        "worker_cpu_ratio": worker_cpu_ratio([measured], warmup=measured.phase.warmup),
        "phase_duration_s": measured.duration_s,
        "start_offset_ms": _in_ms(measured.start_offset_s),
        "clock_error_ms": _in_ms(measured.clock_error_s),
        **measured.checked.counts,
        **_of_schedule(measured),
        **_of_machine(measured.machine),
        **measured.server,
    }
    for metric, value in figures.items():
        if value is not None:
            yield Observation(
                metric=metric,
                value=float(value),
                phase=measured.phase.name,
                warmup=measured.phase.warmup,
            )


def of_calibration(calibration: Calibration, loop_after_ns: int) -> Figures:
    """What the machine took for fixed things.

    Args:
        calibration: Taken before the first phase.
        loop_after_ns: The loop's time after the last phase.
    """
    ping_ns = calibration.ping_ns
    return {
        "calibration_loop_ms": min(calibration.loop_ns, loop_after_ns) / _NS_PER_MS,
        "calibration_ping_ms": None if ping_ns is None else ping_ns / _NS_PER_MS,
        "calibration_drift_ratio": drift_ratio(calibration.loop_ns, loop_after_ns),
        "recorder_cost_us": calibration.recorder_cost_ns / _NS_PER_US,
    }


def worker_cpu_ratio(phases: Sequence[MeasuredPhase], *, warmup: bool = False) -> float | None:
    """Processor time over wall time of the measured phases; None where there is none.

    Args:
        phases: Any phases.
        warmup: Whether the warm-up phases among them are meant instead.
    """
    measured = [each for each in phases if each.phase.warmup is warmup]
    wall_s = sum(each.duration_s for each in measured)
    return sum(each.cpu_s for each in measured) / wall_s if wall_s else None


def statistics_mismatches(
    phases: Sequence[MeasuredPhase], statistics: Mapping[str, int]
) -> int | None:
    """How many of the subject's own counts differ from what its caller saw.

    Args:
        phases: All phases since the subject was started.
        statistics: `l1_hits`, `l2_hits`, `l3_hits`, `reads`; empty where it keeps none.

    Returns:
        None where there is nothing to compare.
    """
    if not statistics:
        return None
    return len(differing(reads_of(phases), statistics))


def reads_of(phases: Iterable[MeasuredPhase]) -> Counter[str]:
    """The keys that all phases together have read, by the tier that served them."""
    reads: Counter[str] = Counter()
    for measured in phases:
        reads.update(measured.reads)
    return reads


def _of_ledger(findings: Findings) -> Figures:
    """What comparing values has found; where none was compared, that alone."""
    found: Figures = asdict(findings)
    return found if findings.values_checked else {"values_checked": 0}


def _resumed_after_s(windows: Iterable[FaultWindow]) -> float | None:
    """How long before the attempt the one before it was killed; None where none was."""
    before = (-window.requested_s for window in windows if window.requested_s < 0)
    return max(before, default=None)


def _of_schedule(measured: MeasuredPhase) -> Figures:
    held = [trial.rate for trial in measured.trials if trial.held]
    return {
        "offered_operations": measured.offered,
        "dropped_operations": None if measured.offered is None else measured.dropped,
        "highest_rate_ops_per_second": max(held, default=None),
    }


def _of_machine(machine: MachineView | None) -> Figures:
    if machine is None:
        return {}
    return {
        "worker_memory_mib": machine.memory_mib,
        "voluntary_context_switches": machine.voluntary_context_switches,
        "involuntary_context_switches": machine.involuntary_context_switches,
        "gc_collections": machine.gc_collections,
    }


def _in_ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1_000
