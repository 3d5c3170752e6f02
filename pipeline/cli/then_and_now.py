"""What a metric was at a date, beside what it is now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from pipeline.cli.consoles import new_table
from pipeline.cli.history_tables import check, heading, told_asked, told_period, versions
from pipeline.cli.missing_figures import NoFiguresError
from pipeline.cli.sentences import figure
from pipeline.cli.series_titles import title_of, told_key
from results.history import Period, Question, find_history
from results.moment import iso_time
from results.series import SeriesKey
from results.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ThenAndNow:
    """One series at some time and at its end."""

    key: SeriesKey
    then: Period
    now: Period

    @property
    def ratio(self) -> float | None:
        """What it is now, as a multiple of what it was; None where it was 0."""
        return self.now.value / self.then.value if self.then.value else None


def find_then(store: Store, question: Question) -> list[ThenAndNow]:
    """Each series that was there at the question's time, as it was and as it is.

    Raises:
        PipelineError: There was nothing then.
    """
    now = find_history(store, replace(question, at_s=None))
    check(store, question, now)
    then = {each.key: each.periods[-1] for each in find_history(store, question) if each.periods}
    if not then:
        raise NoFiguresError(
            f"nothing was measured by {_day(question.at_s or 0.0)}; `bench history "
            f"{question.asked.name}` shows since when there are figures"
        )
    return [
        ThenAndNow(key=each.key, then=then[each.key], now=each.periods[-1])
        for each in now
        if each.periods and each.key in then
    ]


def told_then(question: Question, found: Sequence[ThenAndNow], at_s: float) -> dict[str, Any]:
    """The answer as JSON-able data."""
    series = [
        {
            **told_key(each.key),
            "then": told_period(each.then),
            "now": told_period(each.now),
            "ratio": each.ratio,
        }
        for each in found
    ]
    return {**told_asked(question.asked), "at": iso_time(at_s), "series": series}


def draw_then(question: Question, found: Sequence[ThenAndNow], at_s: float) -> RenderableType:
    """A row for each series."""
    keys = [each.key for each in found]
    table = new_table()
    table.add_column("series", overflow="fold")
    for name in (f"by {_day(at_s)}", "now", "change"):
        table.add_column(name, justify="right", overflow="fold")
    for each in found:
        change = "" if each.ratio is None else f"{each.ratio - 1:+.1%}"
        table.add_row(title_of(each.key, keys), _cell(each.then), _cell(each.now), change)
    return Group(heading(question), Text(), table)


def _cell(period: Period) -> Text:
    cell = Text(figure(period.value))
    # A bare id says where to look where the code has no name.
    cell.append(f"\n{versions(period) or period.name}", style="dim")
    return cell


def _day(at_s: float) -> str:
    """The moment, or the day that has ended with it."""
    moment = datetime.fromtimestamp(at_s).astimezone()
    if (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        return f"{moment - timedelta(days=1):%Y-%m-%d}"
    return f"{moment:%Y-%m-%d %H:%M}"
