"""Why a question to the stored results found nothing, or less than there is."""

from collections.abc import Iterable, Sequence

from pipeline import catalogue
from pipeline.errors import PipelineError, UnknownNameError
from pipeline.nearest import suggest
from pipeline.subjects import names as subject_names
from results.metrics import METRICS
from results.series import Point, Selection, find_series, other_units
from results.store import Store


class NoFiguresError(PipelineError):
    """No run has figures of what was asked for."""


def explain(store: Store, wanted: Selection, asked: str | None = None) -> None:
    """Say why there is nothing.

    Args:
        store: The results database.
        wanted: What was looked for.
        asked: What the user calls it; the metrics' names where None.

    Raises:
        UnknownNameError: No such scenario or subject is known here.
        NoFiguresError: There are no such figures, or only in another unit.
    """
    there = find_series(store, Selection(metrics=wanted.metrics))
    _require("scenario", wanted.scenario, {each.key.scenario for each in there}, catalogue.names())
    _require("subject", wanted.subject, {each.key.subject for each in there}, subject_names())
    what = asked or (wanted.metrics[0] if len(wanted.metrics) == 1 else "such metrics")
    of = f" of {wanted.scenario}" if wanted.scenario else ""
    if there and not any(each.counted for each in there):
        raise NoFiguresError(f"no run with {what} takes part; `bench trends` shows why not")
    if any(wanted.scenario in (None, each.key.scenario) for each in there):
        raise NoFiguresError(f"no run has {what}{of} as asked for; ask for less")
    for line in unit_lines(store, wanted.metrics):
        raise NoFiguresError(f"no run has {what}{of}: {line}")
    name = wanted.scenario if wanted.scenario and not _is_pattern(wanted.scenario) else "quick"
    hint = f"try `bench run {name}`"
    raise NoFiguresError(f"no run has {what}{of} as asked for; {hint}")


def unit_lines(store: Store, metrics: Sequence[str]) -> list[str]:
    """A line for each metric that was stored in another unit too, and is left out in that."""
    return [
        f"{name} was once stored in {', '.join(sorted(units))} and is in {METRICS[name].unit} now; "
        "older figures are left out"
        for name, units in other_units(store, metrics).items()
    ]


def clock_lines(early: Sequence[Point]) -> list[str]:
    """A line about runs that were stored before the commit that they measured; none without."""
    if not early:
        return []
    first = f"{early[0].run_id} ({early[0].code_version.name})"
    runs = f"{first} was" if len(early) == 1 else f"{len(early)} runs, {first} first, were"
    order = "series are in the order of commits"
    return [f"{runs} stored before the commit that was measured: a clock was wrong; {order}"]


def _is_pattern(name: str) -> bool:
    return bool({"*", "?", "["}.intersection(name))


def _require(what: str, name: str | None, stored: Iterable[str], declared: Iterable[str]) -> None:
    known = {*stored, *declared}
    if name is not None and not _is_pattern(name) and name not in known:
        raise UnknownNameError(f"no {what} is called {name}{suggest(name, known)}")
