"""A series drawn in a terminal: points as dots, levels as lines, changes as dotted uprights."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.cli.sentences import figure

# The bits of a braille character's eight dots, by column and by row from the top.
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_BLANK = 0x2800
_ROWS_OF_DOTS = 4
_COLUMNS_OF_DOTS = 2
_LEVEL, _CHANGE = "─", "┊"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The level of the points from `first` to before `end`."""

    first: int
    end: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """Where points lie: `count` of them from `low` to `high` in a field of characters."""

    count: int
    low: float
    high: float
    width: int
    height: int

    def x(self, place: float) -> int:
        """The column of dots of a point."""
        return round(place / max(self.count - 1, 1) * (self.width * _COLUMNS_OF_DOTS - 1))

    def y(self, value: float) -> int:
        """The row of dots of a value, from the top."""
        share = (self.high - value) / (self.high - self.low) if self.high > self.low else 0.5
        return round(share * (self.height * _ROWS_OF_DOTS - 1))


def plot(
    values: Sequence[float], levels: Sequence[Level], *, width: int = 88, height: int = 8
) -> list[str]:
    """Lines of a picture of a series; beside the first and the last stand the values there.

    Args:
        values: The points, oldest first; two or more.
        levels: Where they lie between changes, in order; together they cover all points.
        width: Characters of a line, from 20.
        height: Lines, from 2.
    """
    low, high = min(values), max(values)
    labels = [figure(high), figure(low)]
    margin = max(map(len, labels)) + 2
    # A field wider than its points would tear them apart.
    inner = min(width - margin, max(2 * len(values), 20))
    frame = _Frame(count=len(values), low=low, high=high, width=inner, height=height)
    field = [[" "] * frame.width for _ in range(height)]
    _draw_levels(field, frame, levels)
    _draw_points(field, frame, values)
    texts = [labels[0], *[""] * (height - 2), labels[1]]
    return [
        f"{text:>{margin - 2}} ┤{''.join(row)}".rstrip()
        for text, row in zip(texts, field, strict=True)
    ]


def _draw_levels(field: list[list[str]], frame: _Frame, levels: Sequence[Level]) -> None:
    for each in levels:
        begin = frame.x(each.first) // _COLUMNS_OF_DOTS
        end = frame.x(each.end - 1) // _COLUMNS_OF_DOTS
        row = field[min(max(frame.y(each.value), 0) // _ROWS_OF_DOTS, frame.height - 1)]
        row[begin : end + 1] = _LEVEL * (end + 1 - begin)
    for each in levels[1:]:
        # Between the last point before and the first one after.
        column = frame.x(each.first - 0.5) // _COLUMNS_OF_DOTS
        for row in field:
            row[column] = _CHANGE


def _draw_points(field: list[list[str]], frame: _Frame, values: Sequence[float]) -> None:
    for place, value in enumerate(values):
        x, y = frame.x(place), frame.y(value)
        row, column = y // _ROWS_OF_DOTS, x // _COLUMNS_OF_DOTS
        before = ord(field[row][column])
        bits = before - _BLANK if before >= _BLANK else 0
        dot = _DOTS[x % _COLUMNS_OF_DOTS][y % _ROWS_OF_DOTS]
        field[row][column] = chr(_BLANK + (bits | dot))
