"""What a figure is about, and how finely each metric is kept."""

from dataclasses import dataclass

from results.errors import InvalidExpectationError
from results.metrics import METRICS, Source


@dataclass(frozen=True, slots=True)
class Scope:
    """What a figure is about; None is everything that was measured."""

    phase: str | None = None
    operation: str | None = None
    tier: str | None = None


EVERYTHING = Scope()


def check_scope(name: str, scope: Scope) -> None:
    """Refuse to ask for a figure that is not kept so finely.

    Raises:
        InvalidExpectationError: The metric is not kept by operation or tier.
    """
    metric = METRICS[name]
    narrowed = scope.operation is not None or scope.tier is not None
    if narrowed and (metric.source is not Source.INTERVALS or metric.tier is not None):
        raise InvalidExpectationError(
            f"{name} is not kept by operation or tier; leave those out, or judge a response time"
        )
