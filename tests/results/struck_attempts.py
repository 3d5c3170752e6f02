"""Attempts that were struck by faults, made up for tests."""

from typing import Any

from results.accepted import AcceptedAttempt
from results.attempt_result import FaultWindow, PhaseSpan, WindowFigure, WindowTimes
from tests.results.build import a_histogram, an_attempt


def window(number: int = 0, requested_s: float = 2.0, **changes: Any) -> FaultWindow:
    """A kill of L2 that works 0.1 s after it was asked for, and 2 s after it is over."""
    given: dict[str, Any] = {
        "kind": "l2_kill",
        "phase": "load",
        "effective_s": requested_s + 0.1,
        "cleared_s": requested_s + 2,
    }
    return FaultWindow(number=number, requested_s=requested_s, **{**given, **changes})


def times(part: str, *values_ms: float, number: int = 0, **changes: Any) -> WindowTimes:
    """Reads that L2 served in a part of a window."""
    given = {"operation": "get", "tier": "l2", "outcome": "ok", **changes}
    return WindowTimes(window=number, part=part, histogram=a_histogram(*values_ms), **given)


def figures(number: int = 0, **values: float) -> tuple[WindowFigure, ...]:
    """Figures of a window, `PART__NAME` those of a part."""
    split = ((*name.rpartition("__")[::2], value) for name, value in values.items())
    return tuple(
        WindowFigure(window=number, part=part or None, name=name, value=value)
        for part, name, value in split
    )


def struck(**changes: Any) -> AcceptedAttempt:
    """An attempt whose phase `load` began at 0.5 s, with one fault at 2 s."""
    given: dict[str, Any] = {
        "phases": (PhaseSpan(phase="load", warmup=False, start_s=0.5, end_s=9.0),),
        "fault_windows": (window(),),
        "window_figures": figures(before__length_s=1.0),
    }
    return an_attempt(**{**given, **changes})
