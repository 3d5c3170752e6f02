"""Draws a metric over time: a row a period, with the runs that it is made of."""

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from pipeline.cli.consoles import new_table
from pipeline.cli.missing_figures import NoFiguresError, explain
from pipeline.cli.pictures import bar
from pipeline.cli.sentences import figure
from pipeline.cli.series_titles import title_of, told_key
from results.asked import Asked
from results.history import History, Period, Question
from results.series import Selection
from results.store import Store

_BAR_WIDTH = 20
_LONGEST_VERSION = 12


def check(store: Store, question: Question, found: Sequence[History]) -> None:
    """Say why there is nothing, where there is nothing.

    Raises:
        PipelineError: There is nothing to show.
    """
    if not found:
        wanted = question.wanted
        counted = Selection(
            metrics=(question.asked.counting,), scenario=wanted.scenario, subject=wanted.subject
        )
        explain(store, counted, question.asked.name)
    if not any(each.periods for each in found):
        gone = sum(len(each.without_times) for each in found)
        raise NoFiguresError(
            f"no times are stored of the {gone} runs that were found: they were pruned, or none "
            "is of this operation and tier; stored figures are in `bench trends`"
        )


def told(question: Question, found: Sequence[History]) -> dict[str, Any]:
    """The answer as JSON-able data."""
    return {**told_asked(question.asked), "by": question.by, "series": [_told(x) for x in found]}


def told_asked(asked: Asked) -> dict[str, Any]:
    """What was asked for, as JSON-able data."""
    return {"metric": asked.name, "unit": asked.unit, "percentile": asked.percentile}


def told_period(period: Period) -> dict[str, Any]:
    """A period as JSON-able data."""
    return {
        "period": period.name,
        "value": period.value,
        "least": period.least,
        "greatest": period.greatest,
        "operations": period.operations,
        "runs": list(period.runs),
        "code_versions": list(period.versions),
    }


def draw(question: Question, found: Sequence[History]) -> RenderableType:
    """A table for each series, oldest period first."""
    keys = [each.key for each in found]
    parts: list[RenderableType] = [heading(question)]
    for each in found:
        parts += [Text(), title_of(each.key, keys), _table(question, each.periods)]
        if each.without_times:
            parts.append(Text(f"{len(each.without_times)} runs without stored times are left out"))
    return Group(*parts)


def heading(question: Question) -> Text:
    """What is shown, in one line."""
    asked = question.asked
    of = ", ".join(
        f"{word} {name}"
        for word, name in (("of", question.operation), ("from", question.tier))
        if name is not None
    )
    how = "all times of a period together" if asked.percentile is not None else "median of its runs"
    return Text(f"{asked.name} ({asked.unit}){' ' + of if of else ''}: {how}")


def versions(period: Period) -> str:
    """The code versions of a period: the first and the last, where there are several."""
    names = [name[:_LONGEST_VERSION] for name in period.versions if name is not None]
    return names[0] if len(names) == 1 else " to ".join((names[0], names[-1])) if names else ""


def spread(period: Period) -> str:
    """The lowest and the highest run of a period; empty of one run."""
    if len(period.runs) == 1:
        return ""
    return f"{figure(period.least)} to {figure(period.greatest)}"


def _table(question: Question, periods: Sequence[Period]) -> RenderableType:
    table = new_table()
    table.add_column(question.by, overflow="fold")
    table.add_column("version", overflow="fold")
    for name in ("runs", "operations", question.asked.unit, "runs from - to"):
        table.add_column(name, justify="right", overflow="fold")
    table.add_column("", no_wrap=True, min_width=_BAR_WIDTH)
    largest = max((period.value for period in periods), default=0.0)
    for period in periods:
        table.add_row(
            period.name,
            versions(period),
            str(len(period.runs)),
            "" if period.operations is None else f"{period.operations:,}",
            figure(period.value),
            spread(period),
            bar(period.value, largest, _BAR_WIDTH),
        )
    return table


def _told(found: History) -> dict[str, Any]:
    return {
        **told_key(found.key),
        "periods": [told_period(period) for period in found.periods],
        "without_times": list(found.without_times),
    }
