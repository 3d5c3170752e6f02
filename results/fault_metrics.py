"""The metrics that are made of fault windows: times of operations, recovery, load on the origin."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from results.figures import Figures
from results.histogram import Histogram
from results.merging import Ending
from results.metrics import Metric
from results.operation_metrics import NS_PER_MS
from results.scope import Scope
from results.struck import Strike, by_group

_SINGLE_READ = "get"


@dataclass(frozen=True, slots=True)
class FaultTimes:
    """One percentile of the times during faults: of which operation and ending."""

    percentile: float
    operation: str | None = None
    ending: Ending = Ending.ANY

    def times(self, figures: Figures, scope: Scope) -> Histogram:
        """The times that it is a percentile of."""
        return figures.strikes.times(
            "during", phase=scope.phase, operation=self.operation, ending=self.ending
        )


FAULT_TIMES = {
    "fault_p50_response_time_ms": FaultTimes(50),
    "fault_p99_response_time_ms": FaultTimes(99),
    "fault_p99_read_time_ms": FaultTimes(99, _SINGLE_READ),
    "fault_p99_ok_response_time_ms": FaultTimes(99, ending=Ending.OK),
    "fault_max_response_time_ms": FaultTimes(100),
}


def of_faults(metric: Metric, figures: Figures, scope: Scope) -> float | None:
    """One metric of the faults of a phase; None where there is nothing that it is about."""
    if not figures.strikes.of(scope.phase):
        return None
    if metric.name in FAULT_TIMES:
        wanted = FAULT_TIMES[metric.name]
        times = wanted.times(figures, scope)
        return times.percentile_ns(wanted.percentile) / NS_PER_MS if times.count else None
    return _OTHERS[metric.name](figures, scope)


def amplification(strikes: Iterable[Strike]) -> float | None:
    """Loads a second during a fault over loads a second before it; None without such before.

    Args:
        strikes: The windows of one fault, of any shards and repeats.
    """
    strikes = list(strikes)
    before, during = _loads_per_s(strikes, "before"), _loads_per_s(strikes, "during")
    return during / before if before and during is not None else None


def longest_s(strikes: Iterable[Strike], figure: str) -> float | None:
    """The greatest of a figure of whole windows; None where a window that was at work has none.

    Of a worker that did nothing there is nothing to know.
    """
    at_work = [each for each in strikes if each.window.effective_s is not None and not each.is_idle]
    known = _of_whole(at_work, figure)
    return max(known) if known and len(known) == len(at_work) else None


def longest_known_s(strikes: Iterable[Strike], figure: str) -> float | None:
    """The greatest of a figure of whole windows, of those that have it; None where none has."""
    return max(_of_whole(strikes, figure), default=None)


def unrecovered_s(strikes: Iterable[Strike]) -> float | None:
    """For how long no recovery was seen at least; None where every window saw one."""
    return longest_known_s(strikes, "unrecovered_s")


def _of_whole(strikes: Iterable[Strike], figure: str) -> list[float]:
    values = (each.figures.get((None, figure)) for each in strikes)
    return [value for value in values if value is not None]


def _availability(figures: Figures, scope: Scope) -> float | None:
    done = figures.strikes.times("during", phase=scope.phase).count
    succeeded = figures.strikes.times("during", phase=scope.phase, ending=Ending.OK).count
    return succeeded / done if done else None


def _detected_s(figures: Figures, scope: Scope) -> float | None:
    return longest_s(figures.strikes.of(scope.phase), "detect_s")


def _recovered_s(figures: Figures, scope: Scope) -> float | None:
    return longest_s(figures.strikes.of(scope.phase), "recover_s")


def _unrecovered(figures: Figures, scope: Scope) -> float | None:
    """Faults that could have been recovered from before the load's end, and were not seen to be."""
    strikes = figures.strikes.of(scope.phase)
    watched = [each.figures.get((None, "unrecovered_s"), 0.0) for each in strikes]
    recovered = _of_whole(strikes, "recover_s")
    unrecovered = sum(for_s > 0 for for_s in watched)
    return float(unrecovered) if unrecovered or recovered else None


def _worst_amplification(figures: Figures, scope: Scope) -> float | None:
    faults = figures.strikes.by_place().items()
    found = (amplification(same) for place, same in faults if scope.phase in (None, place.phase))
    return max((each for each in found if each is not None), default=None)


def _loads_per_s(strikes: Iterable[Strike], part: str) -> float | None:
    """Loads of all shards over the length of a part, which all shards share."""
    loads = length_s = 0.0
    for together in by_group(strikes):
        loads += sum(each.figures.get((part, "loads"), 0.0) for each in together)
        length_s += max(each.figures.get((part, "length_s"), 0.0) for each in together)
    return loads / length_s if length_s else None


_OTHERS: dict[str, Callable[[Figures, Scope], float | None]] = {
    "fault_availability": _availability,
    "time_to_detect_s": _detected_s,
    "time_to_recover_s": _recovered_s,
    "unrecovered_faults": _unrecovered,
    "origin_amplification": _worst_amplification,
}
