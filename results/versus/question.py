"""What is asked of a comparison: one metric, its two sides, and what else is known of it."""

from dataclasses import dataclass, field

from results.metrics import METRICS, Direction, Metric, Source
from results.versus.estimating import Surroundings
from results.versus.headline import OF_THE_MACHINE, TIMES
from results.versus.shift import Shift
from results.versus.side import Side

TIMES_METRIC = Metric(
    TIMES, "ms", Direction.LOWER, Source.INTERVALS, "geometric mean of an operation's times"
)
"""What whole distributions are compared as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a question is about, beside its metric; sides differ in nothing but the subject."""

    scenario: str
    subjects: tuple[str, str]
    parameters: str = "{}"
    environment_class: str | None = None
    phase: str | None = None
    operation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A metric of two sides.

    Args:
        name: A name of `results.metrics.METRICS`, or `times` for a whole distribution.
        place: What it is about.
        a: One side's figures.
        b: The other's.
        around: What else is known of its spread.
        shift: The two whole distributions beside each other, of `times` only.
        more_operations: ln of how many times as many operations B did, for counts that grow with
            them; 0 for other metrics.
    """

    name: str
    place: Place
    a: Side
    b: Side
    around: Surroundings = field(default_factory=Surroundings)
    shift: Shift | None = None
    more_operations: float = 0.0

    @property
    def metric(self) -> Metric:
        """Its unit and its better direction."""
        return TIMES_METRIC if self.name == TIMES else METRICS[self.name]

    @property
    def is_judged(self) -> bool:
        """Whether the metric tells of the subject and has a better direction."""
        return self.metric.direction is not Direction.NEITHER and self.name not in OF_THE_MACHINE
