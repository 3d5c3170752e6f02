"""Prints results as a table of at most 100 columns."""

from collections.abc import Iterable, Sequence
from typing import Final

from tests.perf.result import Result
from tests.perf.rows import Bar

_HEADINGS: Final = ("what", "ours", "the other", "", "ratio", "spread", "bar", "")
_WIDTHS: Final = (24, 10, 17, 9, 10, 6, 11, 6)
_ALIGNMENTS: Final = "<><>>>><"
_TIMES: Final = ((1e-6, 1e9, "ns"), (1e-3, 1e6, "us"), (1.0, 1e3, "ms"))
_WHOLE_FROM_S: Final = 100


def table(results: Iterable[Result]) -> str:
    """Return the heading and one line for each result."""
    heading = _line(_HEADINGS)
    return "\n".join([heading, "-" * len(heading), *map(row, results)])


def row(result: Result) -> str:
    """Return one result's line."""
    measured = result.measured
    if measured.ratio is None:
        return f"{result.row.what:<{_WIDTHS[0]}} {result.status}: {measured.reason}"
    return _line(
        (
            result.row.what,
            _figure(measured.ours, measured.unit),
            result.row.other,
            _figure(measured.other, measured.unit),
            _ratio(measured.ratio, result.bar),
            "" if measured.spread is None else f"{measured.spread:.0%}",
            _limit(result.bar),
            result.status if result.status == "met" else result.status.upper(),
        )
    )


def _line(cells: Sequence[str]) -> str:
    padded = (
        f"{cell:{alignment}{width}}"
        for cell, alignment, width in zip(cells, _ALIGNMENTS, _WIDTHS, strict=True)
    )
    return " ".join(padded).rstrip()


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if unit == "ops/s":
        return _rate(value)
    if unit != "s":
        return f"{value:,.1f} {unit}" if unit == "%" else f"{value:,.0f} {unit}"
    return next(
        (f"{value * factor:.3g} {name}" for below, factor, name in _TIMES if value < below),
        f"{value:,.2f} s" if value < _WHOLE_FROM_S else f"{value:,.0f} s",
    )


def _ratio(ratio: float, bar: Bar) -> str:
    if bar.unit == "ops/s":
        return _rate(ratio)
    if bar.unit == "B":
        return f"{ratio:,.0f} B"
    if bar.unit == "pt":
        return f"{ratio:+.1f} pt"
    return f"{ratio:.2f} {bar.unit}"


def _limit(bar: Bar) -> str:
    if bar.unit == "ops/s":
        return f"{bar.sense} {_rate(bar.limit)}"
    return f"{bar.sense} {bar.limit:g} {bar.unit}"


def _rate(per_second: float) -> str:
    return f"{per_second / 1e3:,.0f} k/s"
