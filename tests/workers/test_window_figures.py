"""Of several fault windows of a phase the worst is judged, or none."""

from results.records import FaultWindow, WindowFigure
from workers.window_figures import of_windows


def _window(number: int, phase: str = "one", requested_s: float = 1.0) -> FaultWindow:
    return FaultWindow(
        number=number,
        kind="l2_kill",
        phase=phase,
        requested_s=requested_s,
        effective_s=requested_s,
        cleared_s=2.0,
    )


def _figure(window: int, name: str, value: float, part: str | None = None) -> WindowFigure:
    return WindowFigure(window=window, name=name, value=value, part=part)


def _loads(window: int, before: float, during: float, length_s: float = 2.0) -> list[WindowFigure]:
    return [
        _figure(window, "loads", before, "before"),
        _figure(window, "length_s", length_s, "before"),
        _figure(window, "loads", during, "during"),
        _figure(window, "length_s", 0.5, "during"),
    ]


def _observed(windows: list[FaultWindow], figures: list[WindowFigure]) -> dict[str, float]:
    return {f"{each.phase} {each.metric}": each.value for each in of_windows(windows, figures)}


def test_the_worst_window_of_each_phase_is_told() -> None:
    """Phases are apart."""
    windows = [_window(0), _window(1), _window(2, "two")]
    figures = [_figure(number, "recover_s", value) for number, value in enumerate((0.5, 1.5, 0.1))]
    assert _observed(windows, figures) == {
        "one time_to_recover_s": 1.5,
        "two time_to_recover_s": 0.1,
    }


def test_what_one_window_has_no_figure_of_is_not_told() -> None:
    """A recovery that was not seen is not hidden by one that was."""
    figures = [
        _figure(0, "recover_s", 0.5),
        _figure(1, "unrecovered_s", 3.0),
        _figure(0, "detect_s", 0.2),
        _figure(1, "detect_s", 0.1),
    ]
    assert _observed([_window(0), _window(1)], figures) == {"one time_to_detect_s": 0.2}


def test_amplification_is_loads_a_second_over_those_before() -> None:
    """Where there were none before it is not a number."""
    assert _observed([_window(0)], _loads(0, before=4, during=6)) == {
        "one origin_amplification": 6.0
    }
    assert _observed([_window(0)], _loads(0, before=0, during=6)) == {}
    assert _observed([_window(0)], _loads(0, before=4, during=6, length_s=0.0)) == {}


def test_what_killed_the_attempt_before_tells_how_soon_it_was_resumed() -> None:
    """Its window lies before the attempt."""
    assert _observed([_window(0, requested_s=-3.5)], []) == {"one resumed_after_s": 3.5}
