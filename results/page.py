"""The text of a page for people: figures, lines of at most 100 columns, sections that end."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import fill
from typing import Any

Report = Mapping[str, Any]

WIDTH = 100
"""Columns of the longest line."""

_ITEM_LINES = 4
_SECTION_LINES = 25


def section(
    title: str, lines: Sequence[str], head: Sequence[str] = (), *, most: int = _SECTION_LINES
) -> Iterable[str]:
    """A heading with its lines, cut where there are too many; nothing where there are none.

    Args:
        title: The heading.
        lines: Items of a list, or rows of a table.
        head: What comes before the first line, such as a table's head.
        most: How many lines are not too many.
    """
    shown = list(lines[:most])
    if len(lines) > len(shown):
        left_out = f"... and {len(lines) - len(shown)} more in the JSON report"
        shown += ["", left_out] if head else [f"- {left_out}"]
    return [f"## {title}", "", *head, *shown] if lines else []


def each_subject(report: Report) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Scenario, subject and what was found, in the report's order."""
    for scenario, found in report["results"].items():
        for subject, of_subject in found["subjects"].items():
            yield scenario, subject, of_subject


def figure(value: float | str | None) -> str:
    """A figure with three digits, or as many as it has before the point."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value.replace("_", " ")
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"  # noqa: PLR2004 - digits


def one_line(text: str) -> str:
    """The text without line breaks."""
    return " ".join(text.split())


def short(text: str, width: int) -> str:
    """The text, cut to so many columns."""
    return text if len(text) <= width else text[: width - 3] + "..."


def wrapped(line: str) -> str:
    """A paragraph or an item of a list in lines of at most 100 columns, four at most."""
    return fill(
        line,
        WIDTH,
        subsequent_indent="  ",
        break_on_hyphens=False,
        max_lines=_ITEM_LINES,
        placeholder=" ...",
    )
