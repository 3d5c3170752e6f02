"""Sides of comparisons, made up for tests."""

from collections.abc import Sequence
from typing import Any

from results.versus.question import Place, Question
from results.versus.side import RunFigures, Side

P50 = "p50_response_time_ms"


def a_side(
    *runs: Sequence[float], first: str = "a", begin_s: float = 0.0, step_s: float = 1.0
) -> Side:
    """Runs with the figures of their repeats, one after another."""
    return Side(
        runs=tuple(
            RunFigures(
                run_id=f"{first}{number}",
                at_s=begin_s + number * step_s,
                values=dict(enumerate(values)),
            )
            for number, values in enumerate(runs)
        )
    )


def a_question(a: Side, b: Side, name: str = P50, **changes: Any) -> Question:
    """A metric of `basic_operations` on the same subject."""
    place = Place(scenario="basic_operations", subjects=("multilevel", "multilevel"))
    return Question(**{"name": name, "place": place, "a": a, "b": b, **changes})
