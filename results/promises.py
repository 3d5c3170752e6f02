"""What a subject promises of itself, as the bound of an expectation that gives none."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from results.expectation import Expectation
from results.figures import Figures
from results.metrics import METRICS, Direction

# Whatever a cache says of itself: what was never written, was deleted or had been replaced already
# when its reader saw the newer value is wrong to show.
_PROMISED_BY_ALL = frozenset(
    {"impossible_reads", "repeated_writes", "wrong_values", "resurrected_reads"}
)
_STALENESS = "max_staleness_ms"
_PART_OF = {"fault_max_response_time_ms": "max_response_time_ms"}


def promises_of(figures: Figures) -> dict[str, float]:
    """The bounds by metric that the attempts' subject has stated, the strictest where they differ.

    Args:
        figures: The accepted attempts of one subject.
    """
    stated = [each.promises for each in figures.attempts]
    names = sorted({name for promises in stated for name in promises})
    return {name: _strictest(name, stated) for name in names}


def promise_of(metric: str, figures: Figures) -> float | None:
    """The bound that the subject promises of a metric; None where it promises none.

    Args:
        metric: A name of `results.metrics.METRICS`.
        figures: The accepted attempts of one subject.
    """
    if metric in _PROMISED_BY_ALL:
        return 0.0
    promises = promises_of(figures)
    # What is overdue was counted against the promised staleness already.
    if metric == "overdue_reads" and _STALENESS in promises:
        return 0.0
    return promises.get(metric, promises.get(_PART_OF.get(metric, "")))


def bounded(expectation: Expectation, promise: float) -> Expectation:
    """An expectation with the bound that was promised."""
    if METRICS[expectation.metric].direction is Direction.HIGHER:
        return replace(expectation, at_least=promise)
    return replace(expectation, at_most=promise)


def _strictest(name: str, stated: Iterable[Mapping[str, float]]) -> float:
    bounds = [promises[name] for promises in stated if name in promises]
    metric = METRICS.get(name)
    higher = metric is not None and metric.direction is Direction.HIGHER
    return max(bounds) if higher else min(bounds)
