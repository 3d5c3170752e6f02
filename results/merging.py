"""Histograms of many attempts, merged on demand: of operations' times, and of other figures.

Seconds, workers, shards and repeats merge as histograms, never as percentiles.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from results.accepted import OK, AcceptedAttempt
from results.attempt_result import Interval
from results.histogram import Histogram


class Ending(StrEnum):
    """Which operations are meant by how they ended."""

    ANY = "any"
    OK = "ok"
    FAILED = "failed"


class Selection(NamedTuple):
    """Which operations' times are meant; None stands for all that were measured, without warm-up.

    `service` asks for times from when an operation was sent instead of from when it was due;
    nothing of the phases in `without` is meant.
    """

    phase: str | None = None
    operation: str | None = None
    tier: str | None = None
    ending: Ending = Ending.ANY
    service: bool = False
    without: frozenset[str] = frozenset()


class _Cell(NamedTuple):
    phase: str
    warmup: bool
    operation: str
    tier: str
    ending: Ending


class OperationTimes:
    """The times of all operations of some attempts, each selection merged once."""

    def __init__(self, attempts: Iterable[AcceptedAttempt]) -> None:
        self._cells = _by_cell(attempts)
        self._merged: dict[tuple[tuple[_Cell, ...], bool], Histogram] = {}
        self._found: dict[Selection, Histogram] = {}

    def merged(self, wanted: Selection) -> Histogram:
        """The times of what is wanted; where none were sent late, service is response time."""
        if wanted not in self._found:
            cells = tuple(cell for cell in self._cells if _matches(cell, wanted))
            self._found[wanted] = self._merge(cells, service=wanted.service)
        return self._found[wanted]

    def served(self) -> list[tuple[str, str]]:
        """Each operation with each tier that served it in a measured phase, sorted."""
        return sorted({(cell.operation, cell.tier) for cell in self._cells if not cell.warmup})

    def _merge(self, cells: tuple[_Cell, ...], *, service: bool) -> Histogram:
        # Different questions often mean the same cells: one phase is all that was measured.
        if (cells, service) not in self._merged:
            self._merged[cells, service] = (
                self._of_cell(cells[0], service=service)
                if len(cells) == 1
                else Histogram.merge(self._merge((cell,), service=service) for cell in cells)
            )
        return self._merged[cells, service]

    def _of_cell(self, cell: _Cell, *, service: bool) -> Histogram:
        intervals = self._cells[cell]
        if service and all(each.service is None for each in intervals):
            return self._merge((cell,), service=False)
        return Histogram.merge(_times(intervals, service=service))


def _by_cell(attempts: Iterable[AcceptedAttempt]) -> dict[_Cell, list[Interval]]:
    found: defaultdict[tuple[str, bool, str, str, bool], list[Interval]] = defaultdict(list)
    for attempt in attempts:
        for each in attempt.intervals:
            failed = each.outcome != OK
            found[each.phase, each.warmup, each.operation, each.tier, failed].append(each)
    return {
        _Cell(phase, warmup, operation, tier, Ending.FAILED if failed else Ending.OK): intervals
        for (phase, warmup, operation, tier, failed), intervals in found.items()
    }


def _times(intervals: Iterable[Interval], *, service: bool) -> Iterator[Histogram]:
    for each in intervals:
        yield each.service if service and each.service is not None else each.histogram


def _matches(cell: _Cell, wanted: Selection) -> bool:
    in_phase = not cell.warmup if wanted.phase is None else cell.phase == wanted.phase
    return (
        in_phase
        and cell.phase not in wanted.without
        and wanted.operation in (None, cell.operation)
        and wanted.tier in (None, cell.tier)
        and wanted.ending in (Ending.ANY, cell.ending)
    )
