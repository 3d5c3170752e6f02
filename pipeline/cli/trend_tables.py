"""Draws trends: a picture and the newest runs of each, or a line each where there are many."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.cli.consoles import new_table
from pipeline.cli.pictures import bar, sparkline
from pipeline.cli.plots import Level, plot
from pipeline.cli.sentences import figure
from pipeline.cli.series_titles import title_of
from results.metrics import Direction, Metric
from results.series import Point
from results.trends import Trend

_BAR_WIDTH = 12
_ENOUGH_TO_DRAW = 3
_MOST_DRAWN = 4
_MOST_ROWS = 20
_SPARKS = 24
_SHARED, _EXCLUDED = "*", "x"
_BETTER = {
    Direction.HIGHER: ", higher is better",
    Direction.LOWER: ", lower is better",
    Direction.NEITHER: "",
}
_NOTES = {
    _SHARED: "beside another attempt on the same machine: takes no part",
    _EXCLUDED: "excluded: takes no part",
}


def draw_trends(trends: Sequence[Trend], *, every_run: bool = False) -> RenderableType:
    """A picture and a table of each, oldest run first; a line each where there are too many.

    Args:
        trends: Of one metric or of several; one or more.
        every_run: Whether each run has its row, not the newest alone.
    """
    if len(trends) > _MOST_DRAWN:
        return _overview(trends)
    parts: list[RenderableType] = []
    keys = [each.series.key for each in trends]
    metric: Metric | None = None
    for each in trends:
        if each.series.metric is not metric:
            metric = each.series.metric
            parts += [Text()] * bool(parts) + [_heading(metric)]
        parts += [Text(), title_of(each.series.key, keys), *_draw(each, every_run=every_run)]
    return Group(*parts, *_notes(trends))


def _heading(metric: Metric) -> Text:
    return Text(f"{metric.name} ({metric.unit}{_BETTER[metric.direction]}): {metric.meaning}")


def _draw(trend: Trend, *, every_run: bool) -> Iterator[RenderableType]:
    values = [point.value for point in trend.series.counted]
    yield Text(_summary(trend))
    if len(values) >= _ENOUGH_TO_DRAW:
        levels = [Level(first=at, end=end, value=value) for at, end, value in trend.levels()]
        yield Text("\n" + "\n".join(plot(values, levels)) + "\n", no_wrap=True)
    yield _table(trend, every_run=every_run)


def _summary(trend: Trend) -> str:
    counted = trend.series.counted
    if not counted:
        return "no run takes part"
    runs = f"{len(counted)} run{'s' * (len(counted) > 1)}"
    middle = f"median {figure(trend.median)} {trend.series.metric.unit}"
    apart = "" if trend.run_to_run is None else f", runs lie {trend.run_to_run:.1%} apart"
    return f"{runs}: {middle}{apart}{_changes(trend)}"


def _changes(trend: Trend) -> str:
    count = len(trend.changes)
    return f", {count} change{'s' * (count > 1)}" if count else ""


def _table(trend: Trend, *, every_run: bool) -> RenderableType:
    points = trend.series.points if every_run else trend.series.points[-_MOST_ROWS:]
    with_version = any(point.code_version.name for point in points)
    table = new_table()
    for name in ("when", "run", "version") if with_version else ("when", "run"):
        table.add_column(name, overflow="fold")
    for name in (trend.series.metric.unit, "spread", "change"):
        table.add_column(name, justify="right", overflow="fold")
    table.add_column("", no_wrap=True, min_width=_BAR_WIDTH)
    largest = max(point.value for point in points)
    for point in points:
        _add_row(table, trend, point, with_version=with_version, largest=largest)
    hidden = len(trend.series.points) - len(points)
    return Group(table, Text(f"{hidden} earlier runs: --all shows them")) if hidden else table


def _add_row(
    table: Table, trend: Trend, point: Point, *, with_version: bool, largest: float
) -> None:
    change = trend.change_at(point)
    if change is not None:
        ratio = f"{change.after / change.before - 1:+.1%}" if change.before else ""
        said = f"{figure(change.before)} to {figure(change.after)}"
        table.add_row("changed", said, *[""] * (2 + with_version), ratio, "", style="bold")
    against = trend.against_before.get(point.run_id)
    table.add_row(
        f"{datetime.fromtimestamp(point.at_s).astimezone():%Y-%m-%d %H:%M}",
        point.run_id,
        *([_version(point)] if with_version else []),
        f"{_mark(point)}{figure(point.value)}",
        _spread(point),
        "" if against is None else f"{against:+.1%}",
        bar(point.value, largest, _BAR_WIDTH),
        style=None if point.counts else "dim",
    )


def _overview(trends: Sequence[Trend]) -> RenderableType:
    """A line for each series: its newest value, its changes, and how it went."""
    keys = [each.series.key for each in trends]
    titles = [title_of(key, keys) for key in keys]
    same = len({title.plain for title in titles}) == 1
    table = new_table()
    table.add_column("series", overflow="fold")
    for name in ("runs", "median", "apart", "newest", "changes"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, min_width=_SPARKS)
    for each, title in zip(trends, titles, strict=True):
        told = Text(f"{each.series.metric.name} ({each.series.metric.unit})")
        table.add_row(told if same else told.append("\n").append_text(title), *_line(each))
    above = [titles[0], Text()] if same else []
    return Group(*above, table, Text(f"{len(trends)} series; ask for fewer to see their runs"))


def _line(trend: Trend) -> Iterator[str]:
    values = [point.value for point in trend.series.counted]
    yield str(len(values))
    yield figure(trend.median)
    yield "" if trend.run_to_run is None else f"{trend.run_to_run:.1%}"
    yield figure(values[-1]) if values else ""
    yield str(len(trend.changes) or "")
    yield sparkline(values[-_SPARKS:])


def _notes(trends: Sequence[Trend]) -> list[Text]:
    marks = {_mark(point) for each in trends for point in each.series.points}
    notes = [f"{mark} {text}" for mark, text in _NOTES.items() if mark in marks]
    return [Text("\n" + "\n".join(notes))] if notes else []


def _mark(point: Point) -> str:
    if point.excluded is not None:
        return _EXCLUDED
    return "" if point.values else _SHARED


def _version(point: Point) -> str:
    version = point.code_version
    return "" if version.name is None else f"{version.name[:9]}{'+' if version.dirty else ''}"


def _spread(point: Point) -> str:
    of_all = point.values or point.shared_values
    if len(of_all) == 1 or not point.value:
        return ""
    return f"±{(max(of_all) - min(of_all)) / 2 / abs(point.value):.1%}"
