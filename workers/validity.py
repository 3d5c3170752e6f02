"""An attempt judges itself: why its figures can't be trusted, with the figures and the limits."""

from collections.abc import Callable, Iterable, Sequence

from workers.calibration import Calibration
from workers.measured import MeasuredPhase
from workers.schedule_doubts import generator_blocked, saturated

MIN_SAMPLES = 10
# A virtual machine whose host is busy has been seen to be 2.7 times slower for half a second.
DRIFT_LIMIT = 3.0
STOLEN_LIMIT = 0.10
# Stolen time is counted in ticks of 10 ms; in less than this they are too few to be a share.
STOLEN_WITHIN_S = 0.5
SWAPPED_LIMIT_BYTES = 1 << 20

_CACHES = ("l1", "l2", "l3")
_MIB = 1 << 20


def doubts(measured: MeasuredPhase, lacks: frozenset[str] = frozenset()) -> list[str]:
    """Why one phase's figures can't be trusted, a line each; none where they can.

    Args:
        measured: The phase; of a warm-up, only its faults are judged.
        lacks: What the subject can't do or give figures of.
    """
    found = list(measured.doubts)
    if measured.phase.warmup or measured.skipped:
        return found
    checks: list[Callable[[MeasuredPhase], str | None]] = [
        _too_few,
        generator_blocked,
        saturated,
        _swapped,
    ]
    if "hit_ratio" not in lacks:
        checks.append(_off_its_hit_ratio)
    said = (check(measured) for check in checks)
    return found + [f"phase {measured.phase.name}: {each}" for each in said if each is not None]


def noisy_machine(
    phases: Sequence[MeasuredPhase], calibration: Calibration, loop_after_ns: int
) -> list[str]:
    """Why the machine was no place to measure on, a line each; none where it was.

    Args:
        phases: All phases of the attempt.
        calibration: Taken before the first of them.
        loop_after_ns: The calibration's loop after the last of them.
    """
    said = (_drifted(calibration.loop_ns, loop_after_ns), _stolen(phases))
    return [f"noisy machine: {each}; run less beside it" for each in said if each is not None]


def drift_ratio(before_ns: int, after_ns: int) -> float:
    """The slower of two calibrations over the quicker, from 1."""
    return max(before_ns, after_ns) / min(before_ns, after_ns)


def _too_few(measured: MeasuredPhase) -> str | None:
    """Why its samples are too few to be judged; None where they are enough.

    A fixed number of operations is as many as were asked for.
    """
    timed = getattr(measured.phase.load, "duration_s", None) is not None
    wanted = MIN_SAMPLES if timed else 1
    if len(measured.samples) >= wanted:
        return None
    return (
        f"{len(measured.samples)} operations in {measured.duration_s:.1f} s are too few, "
        f"expected {wanted} or more; let it run for longer"
    )


def _off_its_hit_ratio(measured: MeasuredPhase) -> str | None:
    """Why its hit ratio is not the one that the scenario is about; None where it is."""
    target = measured.phase.hit_ratio
    if target is None:
        return None
    wanted = f"expected {target.at_least:g} to {target.at_most:g}"
    mend = "choose other keys, sizes or warm-up"
    reads = sum(measured.reads.values())
    if not reads:
        return f"off its hit-ratio target: there were no reads, {wanted}; {mend}"
    ratio = sum(measured.reads.get(tier, 0) for tier in _CACHES) / reads
    if target.at_least <= ratio <= target.at_most:
        return None
    return f"off its hit-ratio target: {ratio:.3f}, {wanted}; {mend}"


def _swapped(measured: MeasuredPhase) -> str | None:
    """Why its figures are those of a disk; None where nothing was swapped, or nobody knows.

    Nor where memory was taken away on purpose.
    """
    if any(window.kind == "memory_pressed" for window in measured.fault_windows):
        return None
    moved_bytes = 0 if measured.machine is None else measured.machine.swapped_bytes or 0
    if moved_bytes <= SWAPPED_LIMIT_BYTES:
        return None
    return (
        f"swapped: {moved_bytes / _MIB:.1f} MiB of the worker went to swap or came from there, "
        f"limit {SWAPPED_LIMIT_BYTES / _MIB:g} MiB; give it more memory"
    )


def _drifted(before_ns: int, after_ns: int) -> str | None:
    ratio = drift_ratio(before_ns, after_ns)
    if ratio <= DRIFT_LIMIT:
        return None
    return (
        f"the calibration took {before_ns / 1e6:.2f} ms before and {after_ns / 1e6:.2f} ms after, "
        f"{ratio:.1f} times apart, limit {DRIFT_LIMIT:g}"
    )


def _stolen(phases: Iterable[MeasuredPhase]) -> str | None:
    shares = [
        (each.duration_s, each.machine.stolen_ratio)
        for each in phases
        if not each.phase.warmup
        and each.machine is not None
        and each.machine.stolen_ratio is not None
    ]
    measured_s = sum(duration_s for duration_s, _ratio in shares)
    if measured_s < STOLEN_WITHIN_S:
        return None
    stolen = sum(duration_s * ratio for duration_s, ratio in shares) / measured_s
    if stolen <= STOLEN_LIMIT:
        return None
    return (
        f"{stolen:.0%} of the processors' time went to other guests of the host, "
        f"limit {STOLEN_LIMIT:.0%}"
    )
