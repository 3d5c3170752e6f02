"""What the accepted attempts of one scenario on one subject saw, merged on demand.

Seconds, workers, shards and repeats merge as histograms; a phase of None stands for all measured
phases, warm-up left out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from results.histogram import Histogram
from results.records import FaultWindow, Interval, Observation, PhaseSpan

OK = "ok"


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
    intervals: Sequence[Interval] = ()
    observations: Sequence[Observation] = ()
    phases: Sequence[PhaseSpan] = ()
    fault_windows: Sequence[FaultWindow] = ()


@dataclass(frozen=True, slots=True)
class _Cell:
    phase: str
    warmup: bool
    operation: str
    tier: str
    failed: bool


class Figures:
    """The merged figures of some accepted attempts.

    Args:
        attempts: Attempts of one scenario on one subject, of any repeats and shards.
    """

    def __init__(self, attempts: Sequence[AcceptedAttempt]) -> None:
        self.attempts = attempts
        self._cells = _merge_seconds(attempts)
        self._merged: dict[tuple[str | None, str | None, str | None, bool], Histogram] = {}

    @property
    def repeats(self) -> list[int]:
        """The repeats that have an accepted attempt, in order."""
        return sorted({attempt.repeat for attempt in self.attempts})

    @property
    def phases(self) -> list[str]:
        """Names of the measured phases, in the order in which they ran."""
        spans = (span for attempt in self.attempts for span in attempt.phases)
        return list(dict.fromkeys(span.phase for span in spans if not span.warmup))

    @property
    def unsupported(self) -> frozenset[str]:
        """Metrics and tiers that the subject lacks."""
        return frozenset[str]().union(*(attempt.unsupported for attempt in self.attempts))

    @property
    def shared(self) -> bool:
        """Whether any attempt overlapped another on its machine."""
        return any(attempt.shared for attempt in self.attempts)

    @property
    def environment_class(self) -> str | None:
        """The class of machine of all attempts; None where there are several or none."""
        classes = {attempt.environment_class for attempt in self.attempts}
        return classes.pop() if len(classes) == 1 else None

    def of_repeat(self, repeat: int) -> "Figures":
        """The figures of one repeat alone."""
        return Figures([attempt for attempt in self.attempts if attempt.repeat == repeat])

    def histogram(
        self,
        phase: str | None = None,
        operation: str | None = None,
        tier: str | None = None,
        *,
        failed_only: bool = False,
    ) -> Histogram:
        """Response times of what matches, failures included."""
        key = (phase, operation, tier, failed_only)
        if key not in self._merged:
            self._merged[key] = Histogram.merge(
                histogram
                for cell, histogram in self._cells.items()
                if _matches(cell, phase, operation, tier) and (cell.failed or not failed_only)
            )
        return self._merged[key]

    def served(self) -> list[tuple[str, str]]:
        """Each operation with each tier that served it in a measured phase, sorted."""
        measured = (cell for cell in self._cells if not cell.warmup)
        return sorted({(cell.operation, cell.tier) for cell in measured})

    def phase_time_s(self, phase: str | None) -> float | None:
        """Summed length of a phase; shards of a group run at the same time and count once."""

        def length(attempt: AcceptedAttempt) -> float | None:
            spans = [span for span in attempt.phases if _is_phase(span, phase)]
            return sum(span.end_s - span.start_s for span in spans) if spans else None

        return self._over_groups(length)

    def execution_time_s(self) -> float | None:
        """Summed length of the attempts; shards of a group count once."""
        return self._over_groups(lambda attempt: attempt.execution_time_s)

    def _over_groups(self, length: Callable[[AcceptedAttempt], float | None]) -> float | None:
        longest: dict[tuple[int, str], float] = {}
        for attempt in self.attempts:
            length_s = length(attempt)
            if length_s is not None:
                group = (attempt.repeat, attempt.group)
                longest[group] = max(longest.get(group, 0.0), length_s)
        return sum(longest.values()) if longest else None

    def observed(self, metric: str, phase: str | None) -> list[float]:
        """Every figure that attempts observed of a metric.

        Without a phase an attempt's figure for its whole counts alone, where it gave one.
        """
        found = (_observed(attempt, metric, phase) for attempt in self.attempts)
        return [value for values in found for value in values]


def _merge_seconds(attempts: Iterable[AcceptedAttempt]) -> dict[_Cell, Histogram]:
    seconds: defaultdict[_Cell, list[Histogram]] = defaultdict(list)
    for attempt in attempts:
        for each in attempt.intervals:
            failed = each.outcome != OK
            cell = _Cell(each.phase, each.warmup, each.operation, each.tier, failed)
            seconds[cell].append(each.histogram)
    return {cell: Histogram.merge(histograms) for cell, histograms in seconds.items()}


def _matches(cell: _Cell, phase: str | None, operation: str | None, tier: str | None) -> bool:
    return (
        _is_phase(cell, phase) and operation in (None, cell.operation) and tier in (None, cell.tier)
    )


def _is_phase(found: _Cell | PhaseSpan | Observation, phase: str | None) -> bool:
    return not found.warmup if phase is None else found.phase == phase


def _observed(attempt: AcceptedAttempt, metric: str, phase: str | None) -> list[float]:
    found = [each for each in attempt.observations if each.metric == metric]
    whole = [each.value for each in found if each.phase is None]
    if phase is None and whole:
        return whole
    return [each.value for each in found if each.phase is not None and _is_phase(each, phase)]
