"""What operations met before, during and after each fault, and how soon all was well again.

Each window is judged on its own, one that overlaps another too: what began in both counts in each.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.scenario import Slo
from results.attempt_result import IDLE, Change, FaultWindow, WindowFigure, WindowTimes
from results.histogram import Histogram
from workers.checker.checked import StaleReads
from workers.checker.log import EVER
from workers.health import HEALTHY
from workers.measured import MeasuredPhase
from workers.operations import Operations
from workers.recorder import Code
from workers.recovery import NS_PER_S, Recovery
from workers.window_parts import Course, Part, parts_of

_RESPONSE_TIME = "max_response_time_ms"
_NS_PER_MS = 1_000_000
_HEALTH = "health"
_BROKEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an attempt saw beside its operations.

    Args:
        began_ns: When the attempt began, on the samples' clock.
        codes: The code book's combinations by number.
        changes: The subject's turns, in order.
        stale: The stale reads of each measured phase; None where no history was kept.
        lost_ns: When each acknowledged write began that was not there at the end, on the samples'
            clock; None where nothing was read back.
    """

    began_ns: int
    codes: Sequence[Code]
    changes: Sequence[Change] = ()
    stale: Sequence[StaleReads] | None = None
    lost_ns: NDArray[np.int64] | None = None


class Windows(NamedTuple):
    """What became of the fault windows of an attempt, as it is stored."""

    times: tuple[WindowTimes, ...]
    figures: tuple[WindowFigure, ...]


def windows_of(
    phases: Sequence[MeasuredPhase], seen: Seen, slo: Slo, promises: Mapping[str, float]
) -> Windows:
    """Cut an attempt into the parts of its fault windows.

    Warm-up phases never count: neither their faults nor their operations.

    Args:
        phases: All phases, in order.
        seen: What was seen beside the operations.
        slo: What counts as recovered.
        promises: The subject's own bounds, by metric.
    """
    measured = [each for each in phases if not each.phase.warmup]
    faults = [window for each in measured for window in each.fault_windows]
    if not faults:
        return Windows((), ())
    p99_ms = promises.get(_RESPONSE_TIME) if slo.p99_ms is None else slo.p99_ms
    return _Cut(measured, faults, seen, slo, p99_ms).windows()


class _Cut:
    """An attempt's measured operations, to be cut at the moments of its faults."""

    def __init__(
        self,
        measured: Sequence[MeasuredPhase],
        faults: Sequence[FaultWindow],
        seen: Seen,
        slo: Slo,
        p99_ms: float | None,
    ) -> None:
        self._seen = seen
        self._faults = faults
        self._spans = [
            (self._ns(each.span.start_s), self._ns(each.span.end_s)) for each in measured
        ]
        self._begin_ns, self._end_ns = self._spans[0][0], self._spans[-1][1]
        self._operations = Operations.of(measured)
        self._loads_ns = np.concatenate([each.load_began_ns for each in measured])
        self._recovery = Recovery(self._operations, seen.codes, slo, p99_ms)
        self._courses = [self._course(window) for window in faults]

    def windows(self) -> Windows:
        """The parts of every window, and what is known of each as a whole."""
        times: list[WindowTimes] = []
        figures: list[WindowFigure] = []
        for window, course in zip(self._faults, self._courses, strict=True):
            parts = list(parts_of(course, self._courses, self._begin_ns, self._end_ns))
            for part in parts:
                times += self._times(window.number, part)
                figures += _named(window, self._of_part(part), part.name)
            figures += _named(window, self._of_whole(window, course))
            figures += _named(window, self._lost(course, parts))
        return Windows(tuple(times), tuple(figures))

    def _times(self, number: int, part: Part) -> Iterator[WindowTimes]:
        inside = self._operations.between(part.start_ns, part.end_ns)
        for code in np.unique(inside.code):
            operation, tier, outcome = self._seen.codes[code]
            yield WindowTimes(
                window=number,
                part=part.name,
                operation=operation,
                tier=tier,
                outcome=outcome,
                histogram=Histogram.of(inside.time_ns[inside.code == code]),
            )

    def _of_part(self, part: Part) -> Iterator[tuple[str, float]]:
        yield "length_s", self._length_s(part)
        yield "loads", _count(self._loads_ns, part)
        if self._seen.stale is not None:
            yield from _of_stale(self._seen.stale, part)
        if self._seen.lost_ns is not None:
            yield "lost_writes", _count(self._seen.lost_ns, part)

    def _of_whole(self, window: FaultWindow, course: Course) -> Iterator[tuple[str, float]]:
        if not len(self._operations.began_ns):
            yield IDLE, 1.0
            return
        detect_s = self._detect_s(window)
        if detect_s is not None:
            yield "detect_s", detect_s
        if window.cleared_s is None:
            return
        if course.over_ns is None:
            yield "unrecovered_s", self._recovery.watched_s(course.cleared_ns, self._end_ns)
        else:
            yield "recover_s", (course.over_ns - course.cleared_ns) / NS_PER_S

    def _lost(self, course: Course, parts: Sequence[Part]) -> Iterator[tuple[str, float]]:
        """What was lost of all that was written from its first part to its last, between them too.

        What was written in a warm-up before the first fault may be lost by it as well.
        """
        if self._seen.lost_ns is None or not parts:
            return
        start_ns = min(course.requested_ns, parts[0].start_ns)
        since_ns = EVER if start_ns <= self._begin_ns else start_ns
        yield "lost_writes", _count(self._seen.lost_ns, Part("whole", since_ns, parts[-1].end_ns))

    def _course(self, window: FaultWindow) -> Course:
        cleared_ns = self._end_ns if window.cleared_s is None else self._ns(window.cleared_s)
        recover_ns = self._recovery.after_ns(cleared_ns, self._end_ns)
        return Course(
            requested_ns=self._ns(window.requested_s),
            effective_ns=None if window.effective_s is None else self._ns(window.effective_s),
            cleared_ns=cleared_ns,
            over_ns=None if recover_ns is None else cleared_ns + recover_ns,
        )

    def _detect_s(self, window: FaultWindow) -> float | None:
        """From effect to the first turn for the worse, before the next window's request."""
        effective_s, since_s = window.effective_s, window.requested_s
        if effective_s is None:
            return None
        requests_s = (each.requested_s for each in self._faults)
        until_s = min((at_s for at_s in requests_s if at_s > effective_s), default=math.inf)
        turns = (each for each in self._seen.changes if since_s <= each.at_s < until_s)
        first_s = next((each.at_s for each in turns if _is_for_the_worse(each)), None)
        # The subject may notice before the probe, which looks now and then, has seen the effect.
        return None if first_s is None else max(first_s - effective_s, 0.0)

    def _length_s(self, part: Part) -> float:
        """How long the load went on in it: between phases nothing is asked for."""
        overlaps = (
            min(part.end_ns, end_ns) - max(part.start_ns, start_ns)
            for start_ns, end_ns in self._spans
        )
        return sum(max(overlap_ns, 0) for overlap_ns in overlaps) / NS_PER_S

    def _ns(self, at_s: float) -> int:
        return self._seen.began_ns + round(at_s * NS_PER_S)


def _named(
    window: FaultWindow, figures: Iterable[tuple[str, float]], part: str | None = None
) -> Iterator[WindowFigure]:
    for name, value in figures:
        yield WindowFigure(window=window.number, part=part, name=name, value=float(value))


def _of_stale(stale: Sequence[StaleReads], part: Part) -> Iterator[tuple[str, float]]:
    """Nothing where no read could have been stale, since a 0 would say that it was looked for."""
    if not any(_count(each.comparable_ns, part) for each in stale):
        return
    inside = [_inside(each.began_ns, part) for each in stale]
    staleness_ns = [
        int(each.staleness_ns[place].max(initial=0))
        for each, place in zip(stale, inside, strict=True)
    ]
    yield "stale_reads", sum(int(np.count_nonzero(place)) for place in inside)
    yield "max_staleness_ms", max(staleness_ns, default=0) / _NS_PER_MS
    overdue = [
        int(np.count_nonzero(each.overdue & place))
        for each, place in zip(stale, inside, strict=True)
        if each.overdue is not None
    ]
    if overdue:
        yield "overdue_reads", sum(overdue)


def _inside(moments_ns: NDArray[np.int64], part: Part) -> NDArray[np.bool_]:
    return (part.start_ns <= moments_ns) & (moments_ns < part.end_ns)


def _count(moments_ns: NDArray[np.int64], part: Part) -> int:
    return int(np.count_nonzero(_inside(moments_ns, part)))


def _is_for_the_worse(change: Change) -> bool:
    if change.what == _HEALTH:
        return change.state != HEALTHY
    return change.state == _BROKEN
