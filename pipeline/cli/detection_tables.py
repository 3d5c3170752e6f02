"""Draws what `bench detect` found: a table for each run at which something changed."""

from collections.abc import Iterator, Sequence
from math import inf

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.cli.consoles import new_table
from pipeline.cli.quantities import quantity
from pipeline.cli.series_titles import title_of
from results.detection import Detection
from results.found_changes import Change, Group, Unconfirmed
from results.series import Point, SeriesKey

_MOST_GROUPS = 10
_MOST_CHANGES = 6
_SMALLEST_P = 1e-4


def draw_detection(found: Detection, *, everything: bool = False) -> RenderableType:
    """A table for each run at which something changed, the worst first, and a line of all.

    Args:
        found: What was found.
        everything: Whether known changes and those past the first few are shown too.
    """
    wanted = [each for each in found.groups if everything or _unknown(each.changes)]
    shown = wanted if everything else wanted[:_MOST_GROUPS]
    keys = [change.series.key for change in found.changes]
    parts = [part for each in shown for part in _drawn(each, keys, everything=everything)]
    if len(wanted) > len(shown):
        parts += [Text(f"{_count(len(wanted) - len(shown), 'more run')} with changes: --all\n")]
    return Lines(*parts, *_unconfirmed(found.unconfirmed), Text(_conclusion(found)))


def draw_changes(changes: Sequence[Change], heading: str) -> RenderableType:
    """A line for each change, below what is to be said of all."""
    table = new_table()
    for name in ("metric", "series", "since"):
        table.add_column(name, overflow="fold")
    table.add_column("change", justify="right", no_wrap=True)
    keys = [change.series.key for change in changes]
    for change in changes:
        title = title_of(change.series.key, keys)
        title.stylize("not bold")
        since = place_in_words(change.run)
        table.add_row(change.series.metric.name, title, since, _by_how_much(change))
    return Lines(Text(f"{heading}: {_count(len(changes), 'change')}"), table)


def place_in_words(point: Point) -> str:
    """A run with the code version that it measured: `01J8XYZ (v30)`."""
    version = point.code_version
    if version.name is None:
        return point.run_id
    return f"{point.run_id} ({version.name[:12]}{'+' if version.dirty else ''})"


def _unknown(changes: Sequence[Change]) -> list[Change]:
    return [change for change in changes if change.known is None]


def _drawn(
    group: Group, keys: Sequence[SeriesKey], *, everything: bool
) -> Iterator[RenderableType]:
    changes = list(group.changes) if everything else _unknown(group.changes)
    surest = group.surest
    yield title_of(surest.series.key, keys)
    yield Text(f"since {place_in_words(surest.run)}, after {place_in_words(_before(surest))}")
    reasons = {change.known.reason if change.known else None for change in changes}
    same = next(iter(reasons)) if len(reasons) == 1 else None
    if same is not None:
        yield Text(f"known: {same}")
    shown = changes if everything else changes[:_MOST_CHANGES]
    yield _table(shown, with_reasons=same is None)
    more = len(changes) - len(shown)
    yield Text(f"{_count(more, 'more metric')} changed: --all\n" if more else "")


def _table(changes: Sequence[Change], *, with_reasons: bool) -> Table:
    table = new_table()
    table.add_column("metric", overflow="fold")
    for name in ("before", "after", "change", "p"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for change in changes:
        _add_row(table, change, with_reason=with_reasons)
    return table


def _before(change: Change) -> Point:
    return change.series.counted[change.found.index - 1]


def _add_row(table: Table, change: Change, *, with_reason: bool) -> None:
    metric, found = change.series.metric, change.found
    table.add_row(
        metric.name,
        quantity(metric, found.before),
        quantity(metric, found.after),
        _by_how_much(change),
        f"< {_SMALLEST_P:g}" if found.p < _SMALLEST_P else f"{found.p:.2g}",
        _state(change, with_reason=with_reason),
        style="dim" if change.known else "bold" if change.counts else None,
    )


def _by_how_much(change: Change) -> str:
    return "" if change.found.ratio is None else f"{change.found.ratio - 1:+.1%}"


def _state(change: Change, *, with_reason: bool) -> str:
    words = {True: "worse", False: "better", None: "changed"}[change.worse]
    fresh = f", {_count(_age(change), 'run')} old" * change.fresh
    words += ", mended" * change.mended
    known = ", known" * bool(change.known)
    if change.known and with_reason:
        known += f": {change.known.reason}"
    return f"{words}{fresh}{_range(change)}{known}"


def _age(change: Change) -> int:
    return len(change.series.counted) - change.found.index


def _range(change: Change) -> str:
    """Between which runs it lies, where that is not one alone."""
    first, last = (change.series.counted[at] for at in (change.found.earliest, change.found.latest))
    return "" if first is last else f", somewhere in {_short(first)} to {_short(last)}"


def _short(point: Point) -> str:
    return (point.code_version.name or point.run_id)[:12]


def _unconfirmed(found: Sequence[Unconfirmed]) -> Iterator[Text]:
    """A line for each run that lies off, not for each of its metrics."""
    together: dict[tuple[str, str, str, int], list[Unconfirmed]] = {}
    for each in found:
        key = each.series.key
        place = key.scenario, key.subject, each.points[-1].run_id, each.more
        together.setdefault(place, []).append(each)
    for (scenario, subject, _, more), members in together.items():
        worst = max(members, key=_distance)
        metric = worst.series.metric
        others = f", and {_count(len(members) - 1, 'more metric')}" if members[1:] else ""
        yield Text(
            f"unconfirmed: {scenario}, {subject}, at {place_in_words(worst.points[-1])}:\n"
            f"  {metric.name} {quantity(metric, worst.points[-1].value)}, not "
            f"{quantity(metric, worst.level)}{others};\n"
            f"  an outlier, or a change that has just begun: {_count(more, 'more run')} will tell\n"
        )


def _distance(each: Unconfirmed) -> tuple[bool, float]:
    apart = abs(each.points[-1].value - each.level)
    return bool(each.worse), apart / abs(each.level) if each.level else inf


def _conclusion(found: Detection) -> str:
    unknown = _unknown(found.changes)
    counts = {
        "worse": sum(change.counts for change in unknown),
        "mended": sum(change.mended for change in unknown),
        "better": sum(change.worse is False for change in unknown),
        "changed": sum(change.worse is None for change in unknown),
        "known": len(found.changes) - len(unknown),
    }
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    return f"{found.judged} series: {told or 'no change'}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
