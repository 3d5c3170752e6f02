"""What a phase measured beside its operations: lags, pauses, ages as histograms, and readings."""

from collections.abc import Iterator

from results.attempt_result import Distribution, Reading
from results.histogram import Histogram
from workers.measured import MeasuredPhase


def distributions_of(measured: MeasuredPhase) -> Iterator[Distribution]:
    """The distributions of one phase.

    What was watched and never happened, such as a pause, is an empty histogram; what nobody
    watched is left out.
    """
    machine = measured.machine
    seen = {
        "schedule_lag": measured.lag_ns,
        "loop_lag": None if machine is None else machine.loop_lag_ns,
        "gc_pause": None if machine is None else machine.gc_pauses_ns,
        "staleness": measured.checked.staleness_ns,
    }
    for name, values_ns in seen.items():
        if values_ns is not None:
            yield Distribution(
                name=name,
                phase=measured.phase.name,
                warmup=measured.phase.warmup,
                histogram=Histogram.of(values_ns),
            )


def readings_of(measured: MeasuredPhase) -> Iterator[Reading]:
    """The readings of one phase, second by second."""
    if measured.machine is None:
        return
    for name, second, value in measured.machine.readings:
        yield Reading(name=name, phase=measured.phase.name, second=second, value=value)
