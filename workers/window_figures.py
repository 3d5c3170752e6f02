"""What of fault windows is judged: the worst of each phase's, as observations."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from results.records import FaultWindow, Observation, WindowFigure

Values = dict[tuple[int, str, str | None], float]


def of_windows(
    windows: Iterable[FaultWindow], figures: Iterable[WindowFigure]
) -> Iterator[Observation]:
    """The worst of each phase's windows; what is not known of one is not said of any.

    Args:
        windows: The attempt's.
        figures: All that is known of them.
    """
    values = {(each.window, each.name, each.part): each.value for each in figures}
    of_phase: dict[str, list[FaultWindow]] = defaultdict(list)
    for window in windows:
        of_phase[window.phase].append(window)
    for phase, its_windows in of_phase.items():
        found = [_figures(values, window) for window in its_windows]
        for metric in found[0]:
            known = [value for each in found if (value := each[metric]) is not None]
            if len(known) == len(found):
                yield Observation(metric=metric, value=max(known), phase=phase)


def _figures(values: Values, window: FaultWindow) -> dict[str, float | None]:
    number = window.number
    return {
        "time_to_detect_s": values.get((number, "detect_s", None)),
        "time_to_recover_s": values.get((number, "recover_s", None)),
        "origin_amplification": _amplification(values, number),
        # What killed the attempt before this one came before its begin.
        "resumed_after_s": -window.requested_s if window.requested_s < 0 else None,
    }


def _amplification(values: Values, window: int) -> float | None:
    """Loads a second during a fault over those before it; None where there were none before."""
    before, during = (_loads_per_s(values, window, part) for part in ("before", "during"))
    return during / before if before and during is not None else None


def _loads_per_s(values: Values, window: int, part: str) -> float | None:
    loads, length_s = (values.get((window, name, part)) for name in ("loads", "length_s"))
    return loads / length_s if length_s and loads is not None else None
