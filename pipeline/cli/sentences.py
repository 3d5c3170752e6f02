"""Expectations and figures as people write them."""

from results.expectation import Expectation

_WHOLE_FROM = 1000


def of_expectation(expected: Expectation) -> str:
    """An expectation in words: `p95_response_time_ms of get in read <= 50`."""
    return in_words(
        metric=expected.metric,
        phase=expected.phase,
        operation=expected.operation,
        tier=expected.tier,
        relative_to_phase=expected.relative_to_phase,
        bound=expected.bound,
    )


def in_words(
    *,
    metric: str,
    phase: str | None,
    operation: str | None,
    tier: str | None,
    relative_to_phase: str | None,
    bound: str,
) -> str:
    """The same from the parts of an expectation, as a report has them."""
    parts = (
        ("of", operation),
        ("from", tier),
        ("in", phase),
        ("relative to", relative_to_phase),
    )
    scope = [f"{word} {name}" for word, name in parts if name is not None]
    return " ".join([metric, *scope, bound])


def figure(value: float | None) -> str:
    """A figure with three or four digits that matter; empty where there is none."""
    if value is None:
        return ""
    if abs(value) >= _WHOLE_FROM:
        return f"{value:,.0f}"
    return f"{value:.3g}"
