"""Draws trends: a table for each series, with bars to look at."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from pipeline.cli.consoles import new_table
from pipeline.cli.pictures import bar, sparkline
from pipeline.cli.sentences import figure
from pipeline.cli.trend_series import Trend
from results.metrics import Direction, Metric
from results.series import Point

_BAR_WIDTH = 12
_ENOUGH_TO_DRAW = 3
_SHARED = "*"


def draw_series(metric: Metric, series: Sequence[Trend]) -> RenderableType:
    """One table for each series, oldest run first."""
    better = {
        Direction.HIGHER: ", higher is better",
        Direction.LOWER: ", lower is better",
        Direction.NEITHER: "",
    }[metric.direction]
    head = Text(f"{metric.name} ({metric.unit}{better}): {metric.meaning}")
    settings = [(each.place, each.parameters) for each in series]
    drawn = (
        _draw(metric, each, with_class=settings.count((each.place, each.parameters)) > 1)
        for each in series
    )
    return Group(head, *drawn, *_notes(series))


def _notes(series: Sequence[Trend]) -> list[Text]:
    if not any(not point.values for each in series for point in each.points):
        return []
    return [Text(f"\n{_SHARED} beside another attempt on the same machine: compared with nothing")]


def _draw(metric: Metric, series: Trend, *, with_class: bool) -> RenderableType:
    with_commit = any(point.code_version.name for point in series.points)
    table = new_table()
    for name in ("when", "run", "commit") if with_commit else ("when", "run"):
        table.add_column(name, overflow="fold")
    for name in (metric.unit, "spread", "change"):
        table.add_column(name, justify="right", overflow="fold")
    table.add_column("", no_wrap=True, min_width=_BAR_WIDTH)
    largest = max(point.value for point in series.points)
    for point, change in zip(series.points, series.changes, strict=True):
        table.add_row(
            datetime.fromtimestamp(point.created_at_s).astimezone().strftime("%Y-%m-%d %H:%M"),
            point.run_id,
            *([_commit(point)] if with_commit else []),
            f"{'' if point.values else _SHARED}{figure(point.value)}",
            _spread(point),
            "" if change is None else f"{change:+.1%}",
            bar(point.value, largest, _BAR_WIDTH),
            style=None if point.counts else "dim",
        )
    return Group(Text(""), _title(series, with_class=with_class), table)


def _title(series: Trend, *, with_class: bool) -> Text:
    title = Text(", ".join(filter(None, (*series.place, series.parameters))), style="bold")
    if len(series.points) >= _ENOUGH_TO_DRAW:
        title.append(f"  {sparkline([point.value for point in series.points])}", style="not bold")
    if with_class:
        title.append(f"\n{series.series.key.environment_class}", style="not bold")
    return title


def _commit(point: Point) -> str:
    if point.code_version.name is None:
        return ""
    changed = "+" if point.code_version.dirty else ""
    return f"{point.code_version.name[:9]}{changed}"


def _spread(point: Point) -> str:
    of_all = point.values or point.shared_values
    if len(of_all) == 1 or not point.value:
        return ""
    return f"±{(max(of_all) - min(of_all)) / 2 / abs(point.value):.1%}"
