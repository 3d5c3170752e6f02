"""What a report shows of each fault: what was met before, during and after it, and what it cost."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from results.accepted import OK
from results.attempt_result import WINDOW_PARTS, WindowTimes
from results.fault_metrics import amplification, longest_s, unrecovered_s
from results.figures import Figures
from results.histogram import Histogram
from results.spread import spread_of
from results.struck import Strike, by_group

_AT_WORK = ("during", "after")
_READ = ("stale_reads", "overdue_reads")
_LOST = "lost_writes"
_STALENESS = "max_staleness_ms"


def resilience_of(figures: Figures) -> list[dict[str, Any]]:
    """The faults of measured phases in their order, as JSON-able data.

    The figures of shards and repeats are merged; below them are those of each repeat alone.

    Args:
        figures: The accepted attempts of one scenario on one subject.
    """
    return [
        {
            "kind": place.kind,
            "phase": place.phase,
            "number": place.number,
            **_fault(strikes),
            "parts": {part: _part(strikes, part) for part in WINDOW_PARTS},
            "repeats": [
                {"repeat": repeat, **_fault(of_repeat)} for repeat, of_repeat in _repeats(strikes)
            ],
        }
        for place, strikes in figures.strikes.by_place().items()
    ]


def unprecedented_loads(faults: Iterable[Mapping[str, Any]]) -> float:
    """The most loads during a fault before which there was none, so that no ratio tells of them.

    Args:
        faults: Of what `resilience_of` gives.
    """
    none_before = (each["parts"] for each in faults if each["parts"]["before"]["loads"] == 0)
    return max((parts["during"]["loads"] or 0.0 for parts in none_before), default=0.0)


def _repeats(strikes: Iterable[Strike]) -> list[tuple[int, list[Strike]]]:
    found: defaultdict[int, list[Strike]] = defaultdict(list)
    for each in strikes:
        found[each.attempt.repeat].append(each)
    return sorted(found.items())


def _fault(strikes: Sequence[Strike]) -> dict[str, Any]:
    during = _times(strikes, "during")
    done = sum(each.histogram.count for each in during)
    failed = Counter[str]()
    for each in during:
        if each.outcome != OK:
            failed[each.outcome] += each.histogram.count
    return {
        **_moments(strikes),
        "detect_s": longest_s(strikes, "detect_s"),
        "recover_s": longest_s(strikes, "recover_s"),
        "unrecovered_s": unrecovered_s(strikes),
        "availability": (done - failed.total()) / done if done else None,
        "error_rate_by_kind": {kind: failed[kind] / done for kind in sorted(failed)},
        "amplification": amplification(strikes),
        **{name: _summed(strikes, name, _AT_WORK) for name in _READ},
        _LOST: _lost(strikes),
        _STALENESS: _greatest(strikes, _STALENESS, _AT_WORK),
    }


def _lost(strikes: Sequence[Strike]) -> float | None:
    """A fault may lose what was written before it; what was read before it is not its doing."""
    whole = _summed(strikes, _LOST, [None])
    # What older Tierbenches measured has them by part alone.
    return _summed(strikes, _LOST, WINDOW_PARTS) if whole is None else whole


def _moments(strikes: Sequence[Strike]) -> dict[str, float | None]:
    """When it was first asked for, first at work and last gone, in seconds of its attempts."""
    windows = [each.window for each in strikes]
    effective = [each.effective_s for each in windows if each.effective_s is not None]
    cleared = [each.cleared_s for each in windows if each.cleared_s is not None]
    return {
        "requested_s": min(each.requested_s for each in windows),
        "effective_s": min(effective, default=None),
        "cleared_s": max(cleared, default=None),
    }


def _part(strikes: Sequence[Strike], part: str) -> dict[str, Any]:
    times = _times(strikes, part)
    done = Histogram.merge(each.histogram for each in times)
    succeeded = Histogram.merge(each.histogram for each in times if each.outcome == OK)
    return {
        "length_s": sum(
            max(each.figures.get((part, "length_s"), 0.0) for each in together)
            for together in by_group(strikes)
        ),
        "errors": done.count - succeeded.count,
        "all": spread_of(done),
        "ok": spread_of(succeeded),
        "tiers": dict(_shares(times, done.count)),
        "loads": _summed(strikes, "loads", [part]),
        **{name: _summed(strikes, name, [part]) for name in (*_READ, _LOST)},
        _STALENESS: _greatest(strikes, _STALENESS, [part]),
    }


def _shares(times: Sequence[WindowTimes], done: int) -> Iterator[tuple[str, float]]:
    """The share of operations that each tier served."""
    for tier in sorted({each.tier for each in times}):
        yield tier, sum(each.histogram.count for each in times if each.tier == tier) / done


def _times(strikes: Iterable[Strike], part: str) -> list[WindowTimes]:
    return [times for each in strikes for times in each.times if times.part == part]


def _values(strikes: Iterable[Strike], figure: str, parts: Iterable[str | None]) -> list[float]:
    parts = list(parts)
    found = (each.figures.get((part, figure)) for each in strikes for part in parts)
    return [value for value in found if value is not None]


def _summed(strikes: Iterable[Strike], figure: str, parts: Iterable[str | None]) -> float | None:
    values = _values(strikes, figure, parts)
    return sum(values) if values else None


def _greatest(strikes: Iterable[Strike], figure: str, parts: Iterable[str]) -> float | None:
    return max(_values(strikes, figure, parts), default=None)
