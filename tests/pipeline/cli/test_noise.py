"""What `bench doctor --noise` prints."""

from rich.console import Console

from pipeline.cli.noise import draw_noise
from results.noise import NoiseFigure


def drawn(*figures: NoiseFigure) -> str:
    """The figures as they are printed."""
    console = Console(width=100)
    with console.capture() as captured:
        console.print(draw_noise(figures))
    return captured.get()


def test_each_metric_has_the_smallest_change_that_is_seen() -> None:
    """With the pairs that it stands on."""
    one, other = (
        NoiseFigure(metric=metric, unit="ms", pairs=5, smallest_change_percent=percent)
        for metric, percent in (("p50_response_time_ms", 3.14), ("p99_response_time_ms", 21.0))
    )
    text = drawn(one, other)
    assert "p50_response_time_ms            3.14 %" in text
    assert "  21 %" in text
    assert "5 pairs of repeats" in text


def test_too_few_figures_say_nothing() -> None:
    """And that is said."""
    assert "nothing can be said" in drawn()
