"""Second by second: what a scenario's phases met, when faults came and went, and what turned."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from results.accepted import OK, AcceptedAttempt
from results.attempt_result import FaultWindow, Interval, PhaseSpan
from results.histogram import Histogram

_NS_PER_MS = 1_000_000
_Second = tuple[str, int]


def timeline(attempts: Iterable[AcceptedAttempt]) -> list[dict[str, Any]]:
    """The seconds of each phase in order; shards and repeats of a second are merged.

    Of the machines' readings the greatest of each second is shown.

    Args:
        attempts: The accepted attempts of one scenario on one subject.
    """
    attempts = list(attempts)
    seconds: defaultdict[_Second, list[Interval]] = defaultdict(list)
    for attempt in attempts:
        for interval in attempt.intervals:
            seconds[interval.phase, interval.second].append(interval)
    machines = _machines(attempts)
    order = _phase_order(attempts)
    marks = _fault_marks(attempts)
    turns = _turns(attempts)
    places = {*seconds, *marks, *machines, *turns}
    return [
        {
            "phase": place[0],
            "second": place[1],
            **_second(seconds[place]),
            "machine": machines.get(place, {}),
            "faults": marks.get(place, []),
            "changes": turns.get(place, []),
        }
        for place in sorted(places, key=lambda place: (order.get(place[0], 0), place[1]))
    ]


def _phase_order(attempts: Iterable[AcceptedAttempt]) -> Mapping[str, int]:
    names = dict.fromkeys(span.phase for attempt in attempts for span in attempt.phases)
    return {name: place for place, name in enumerate(names)}


def _machines(attempts: Iterable[AcceptedAttempt]) -> dict[_Second, dict[str, float]]:
    found: defaultdict[_Second, dict[str, float]] = defaultdict(dict)
    for attempt in attempts:
        for each in attempt.readings:
            of_second = found[each.phase, each.second]
            of_second[each.name] = max(of_second.get(each.name, each.value), each.value)
    return {place: dict(sorted(readings.items())) for place, readings in found.items()}


def _second(intervals: list[Interval]) -> dict[str, Any]:
    tiers: defaultdict[str, list[Interval]] = defaultdict(list)
    for interval in intervals:
        tiers[interval.tier].append(interval)
    return {
        **_figures(intervals),
        "tiers": {tier: _figures(tiers[tier]) for tier in sorted(tiers)},
    }


def _figures(intervals: list[Interval]) -> dict[str, Any]:
    merged = Histogram.merge(each.histogram for each in intervals)
    return {
        "operations": merged.count,
        "errors": sum(each.histogram.count for each in intervals if each.outcome != OK),
        "p99_ms": merged.percentile_ns(99) / _NS_PER_MS if merged.count else None,
    }


def _fault_marks(attempts: Iterable[AcceptedAttempt]) -> dict[_Second, list[str]]:
    marks: defaultdict[_Second, dict[str, None]] = defaultdict(dict)
    for attempt in attempts:
        for window in attempt.fault_windows:
            for event, at_s in _events(window):
                marks[_place(attempt.phases, window.phase, at_s)][f"{window.kind} {event}"] = None
    return {place: list(texts) for place, texts in marks.items()}


def _turns(attempts: Iterable[AcceptedAttempt]) -> dict[_Second, list[str]]:
    """What the subject told of itself; what it told between two phases is of the one before."""
    turns: defaultdict[_Second, dict[str, None]] = defaultdict(dict)
    for attempt in attempts:
        for change in attempt.changes:
            begun = [span for span in attempt.phases if span.start_s <= change.at_s]
            if begun:
                last = max(begun, key=lambda span: span.start_s)
                second = int(change.at_s - last.start_s)
                turns[last.phase, second][f"{change.what} {change.state}"] = None
    return {place: list(texts) for place, texts in turns.items()}


def _events(window: FaultWindow) -> Iterable[tuple[str, float]]:
    times = (window.requested_s, window.effective_s, window.cleared_s)
    for event, at_s in zip(("requested", "effective", "cleared"), times, strict=True):
        if at_s is not None:
            yield event, at_s


def _place(spans: Iterable[PhaseSpan], phase: str, at_s: float) -> _Second:
    # A fault may be cleared in a later phase than the one that it was asked for in.
    spans = list(spans)
    inside = next((span for span in spans if span.start_s <= at_s < span.end_s), None)
    span = inside or next((each for each in spans if each.phase == phase), None)
    return (span.phase, int(at_s - span.start_s)) if span else (phase, int(at_s))
