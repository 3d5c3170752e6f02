"""What a comparison is wanted of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is left where nothing is asked for is everything.

    Args:
        metrics: Names of metrics, `times` among them; all where None.
        scenario: A scenario, or a pattern with `*` and `?`.
        subject: A subject, or such a pattern.
        phase: A phase; all measured phases together where None.
    """

    metrics: frozenset[str] | None = None
    scenario: str | None = None
    subject: str | None = None
    phase: str | None = None

    def has(self, name: str) -> bool:
        """Whether this metric is wanted."""
        return self.metrics is None or name in self.metrics
