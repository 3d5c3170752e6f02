"""Faults as attempts were struck by them: which windows are of one fault, and what is known of it.

The same fault is seen by each shard of a group and comes again in each repeat. In one repeat the
windows of a kind in a phase are one fault where they were asked for at about the same moment.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from results.accepted import OK, AcceptedAttempt
from results.attempt_result import IDLE, FaultWindow, WindowTimes
from results.histogram import Histogram
from results.merging import Ending

_AT_ONCE_S = 0.5


class Place(NamedTuple):
    """Which fault of a scenario it is: `number` counts those of a kind in a phase from 0."""

    phase: str
    kind: str
    number: int


@dataclass(frozen=True, kw_only=True)
class Strike:
    """One window of one attempt; `since_s` is its request, in seconds from its phase's begin."""

    attempt: AcceptedAttempt
    window: FaultWindow
    since_s: float

    @cached_property
    def times(self) -> Sequence[WindowTimes]:
        """What operations met in its parts."""
        number = self.window.number
        return [each for each in self.attempt.window_times if each.window == number]

    @cached_property
    def figures(self) -> Mapping[tuple[str | None, str], float]:
        """Its figures by part, None for the whole of it, and name."""
        number = self.window.number
        of_window = (each for each in self.attempt.window_figures if each.window == number)
        return {(each.part, each.name): each.value for each in of_window}

    @property
    def is_idle(self) -> bool:
        """Whether its worker did nothing that is measured, before it or after it."""
        return (None, IDLE) in self.figures


class Strikes:
    """All windows of some attempts that have figures: those of measured phases.

    Args:
        attempts: Attempts of one scenario on one subject, of any repeats and shards.
    """

    def __init__(self, attempts: Iterable[AcceptedAttempt]) -> None:
        self.all = [strike for attempt in attempts for strike in _strikes(attempt)]

    def of(self, phase: str | None) -> Sequence[Strike]:
        """Those of a phase; of all where None."""
        return [each for each in self.all if phase in (None, each.window.phase)]

    def times(
        self,
        part: str,
        *,
        phase: str | None = None,
        operation: str | None = None,
        ending: Ending = Ending.ANY,
    ) -> Histogram:
        """Times of the operations that match, of all windows of a phase together.

        What began in several windows counts in each.
        """
        return Histogram.merge(
            each.histogram
            for strike in self.of(phase)
            for each in strike.times
            if each.part == part and operation in (None, each.operation) and _ends(each, ending)
        )

    def by_place(self) -> dict[Place, list[Strike]]:
        """The windows of each fault, of all shards and repeats, in the order of the faults."""
        found: defaultdict[Place, list[Strike]] = defaultdict(list)
        for strikes in _by_repeat(self.all).values():
            for number, same in enumerate(_same(strikes)):
                window = same[0].window
                found[Place(window.phase, window.kind, number)] += same
        return dict(sorted(found.items(), key=lambda item: _order(item[1])))


def by_group(strikes: Iterable[Strike]) -> list[list[Strike]]:
    """The windows of one fault by what saw it together: the shards of a group, in one repeat."""
    found: defaultdict[tuple[int, str], list[Strike]] = defaultdict(list)
    for each in strikes:
        found[each.attempt.repeat, each.attempt.group].append(each)
    return list(found.values())


def _strikes(attempt: AcceptedAttempt) -> Iterator[Strike]:
    known = {each.window for each in attempt.window_figures}
    began = {span.phase: span.start_s for span in attempt.phases}
    for window in attempt.fault_windows:
        if window.number in known:
            since_s = window.requested_s - began.get(window.phase, 0.0)
            yield Strike(attempt=attempt, window=window, since_s=since_s)


def _by_repeat(strikes: Iterable[Strike]) -> dict[tuple[int, str, str, str], list[Strike]]:
    found: defaultdict[tuple[int, str, str, str], list[Strike]] = defaultdict(list)
    for each in strikes:
        attempt, window = each.attempt, each.window
        found[attempt.repeat, attempt.group, window.phase, window.kind].append(each)
    return found


def _same(strikes: Iterable[Strike]) -> list[list[Strike]]:
    found: list[list[Strike]] = []
    for each in sorted(strikes, key=lambda strike: strike.since_s):
        last = found[-1] if found else []
        attempts = {strike.attempt.attempt_id for strike in last}
        together = bool(last) and each.since_s - last[0].since_s <= _AT_ONCE_S
        if together and each.attempt.attempt_id not in attempts:
            last.append(each)
        else:
            found.append([each])
    return found


def _order(strikes: Sequence[Strike]) -> tuple[int, float]:
    first = strikes[0]
    places = {span.phase: place for place, span in enumerate(first.attempt.phases)}
    return places.get(first.window.phase, 0), first.since_s


def _ends(times: WindowTimes, ending: Ending) -> bool:
    return ending is Ending.ANY or (times.outcome == OK) is (ending is Ending.OK)
