"""What was measured for a row, and what its bar makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from tests.perf.rounds import Samples
from tests.perf.rows import ROWS, Bar, Row

Status = Literal["met", "missed", "unknown"]

MET: Final[Status] = "met"
MISSED: Final[Status] = "missed"
UNKNOWN: Final[Status] = "unknown"


@dataclass(frozen=True, slots=True)
class Measured:
    """A row's figures; where `ratio` is None, `reason` says what kept it from being measured.

    Attributes:
        row: The row's name.
        ratio: What the bar is held against, in the bar's unit.
        ours: The cache's own figure, in `unit`.
        other: The figure that it is compared with, in `unit`.
        unit: `s` for each operation, `%` or `B`.
        ours_rounds: Our seconds for each operation, round by round.
        other_rounds: The same of the other.
        spread: How far the rounds' ratios lie apart: quartiles' distance, as a share.
        reason: Why there is no ratio.
    """

    row: str
    ratio: float | None
    ours: float | None = None
    other: float | None = None
    unit: str = "s"
    ours_rounds: tuple[float, ...] = ()
    other_rounds: tuple[float, ...] = ()
    spread: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """A row with its figures."""

    row: Row
    measured: Measured
    bar: Bar

    @property
    def status(self) -> Status:
        """Whether the bar is met, or why that can't be said."""
        if self.measured.ratio is None:
            return UNKNOWN
        return MET if self.bar.is_met_by(self.measured.ratio) else MISSED


def compared(row: str, ours: Samples, other: Samples) -> Measured:
    """Compare two times for each operation by the median quotient of their rounds.

    At most n times is ours / other; at least n times as fast, or a share of a rate, is
    other / ours.
    """
    bar = ROWS[row].bar
    quotients = ours.over(other) if bar.sense == "<=" else other.over(ours)
    ratio = quotients.median * 100 if bar.unit == "%" else quotients.median
    return Measured(
        row,
        ratio,
        ours.median,
        other.median,
        ours_rounds=ours.values,
        other_rounds=other.values,
        spread=quotients.spread,
    )


def judged(measured: Measured, bars: Mapping[str, Bar]) -> Result:
    """Hold a row's figures against its bar."""
    return Result(ROWS[measured.row], measured, bars[measured.row])
