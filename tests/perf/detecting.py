"""How well and how quickly changes of series are found, on series of which it is known where."""

import time
from collections.abc import Sequence
from statistics import fmean
from typing import Final

import numpy as np

from results.changepoints import find_changes
from tests.perf.bench import Bench
from tests.perf.result import Measured
from tests.support.detection_scores import Score, score
from tests.support.labelled_series import Floats, Kind, kinds, step

TIMED: Final = 200

_BAR: Final = "step 10%, noise 3%"
_UNCHANGED: Final = "unchanged"
_HEADINGS: Final = ("", "found", "alarms", "precision", "recall", "beside", "delay", "within 5")
_WIDTHS: Final = (32, 6, 7, 9, 7, 7, 6, 9)


async def measure(bench: Bench) -> list[Measured]:
    """Judge the search on every kind of labelled series, and time it on 200 long ones."""
    bench.say(_line(_HEADINGS))
    scores = {kind.name: _scored(bench, kind) for kind in kinds()}
    in_time = 100 * scores[_BAR].within(5)
    alarms = 100 * max(
        found.alarm_share for name, found in scores.items() if name.startswith(_UNCHANGED)
    )
    taken_s = _seconds(bench.sizes.points)
    return [
        Measured("detect-step", in_time, in_time, unit="%"),
        Measured("detect-alarms", alarms, alarms, unit="%"),
        Measured("detect-series", taken_s, taken_s),
    ]


def _scored(bench: Bench, kind: Kind) -> Score:
    series = kind.series(bench.sizes.labelled)
    found = score(_places, series, with_delay=kind.grows)
    bench.say(_line(_cells(kind, found)))
    return found


def _places(values: Floats) -> Sequence[int]:
    return [change.index for change in find_changes(list(values))]


def _seconds(points: int) -> float:
    numbers = np.random.default_rng(1)
    many = [list(step(numbers, 0.1, 0.03, length=points).values) for _ in range(TIMED)]
    began_s = time.perf_counter()
    for values in many:
        find_changes(values)
    return time.perf_counter() - began_s


def _cells(kind: Kind, found: Score) -> Sequence[str]:
    """A line of the table; where nothing is right or wrong, only how many changes were found."""
    many = f"{found.said / found.series:.1f}"
    if not kind.labelled:
        return kind.name, many, *[""] * (len(_WIDTHS) - 2)
    return (
        kind.name,
        many,
        _share(found.alarm_share),
        _share(found.precision),
        _share(found.recall),
        f"{fmean(found.distances):.1f}" if found.distances else "",
        _delay(found),
        _share(found.within(5)) if found.delays else "",
    )


def _delay(found: Score) -> str:
    if not found.delays:
        return ""
    return "> 20" if found.median_delay is None else f"{found.median_delay:g}"


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _line(cells: Sequence[str]) -> str:
    first, *others = (f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))
    return " ".join((f"  {first.strip():<{_WIDTHS[0]}}", *others)).rstrip()
