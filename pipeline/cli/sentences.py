"""Expectations and figures as people write them."""

from results.expectation import Expectation

# What is nearer to 1,000 than to 999 would be written as 1e+03.
_WHOLE_FROM = 999.5


def of_expectation(expected: Expectation) -> str:
    """An expectation in words: `p95_response_time_ms of get in read <= 50`."""
    return in_words(
        metric=expected.metric,
        phase=expected.phase,
        operation=expected.operation,
        tier=expected.tier,
        relative_to_phase=expected.relative_to_phase,
        relative_to_subject=expected.relative_to_subject,
        relative_to_calibration=expected.relative_to_calibration,
        bound=expected.bound,
    )


def in_words(
    *,
    metric: str,
    phase: str | None,
    operation: str | None,
    tier: str | None,
    relative_to_phase: str | None,
    relative_to_subject: str | None,
    relative_to_calibration: str | None,
    bound: str,
) -> str:
    """The same from the parts of an expectation, as a report has them."""
    parts = (
        ("of", operation),
        ("from", tier),
        ("in", phase),
        ("relative to", relative_to_phase),
        ("relative to", relative_to_subject),
        ("relative to this machine's", relative_to_calibration),
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
