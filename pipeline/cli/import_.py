"""`bench import`: runs from other results databases."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.errors import say
from pipeline.cli.options import AsJson

if TYPE_CHECKING:
    from results.exchange.imports import Imported


def import_(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="What `bench export` wrote; - is stdin."),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Bring exported runs into this results database: all of them or, at a mistake, none."""
    from pipeline.cli.consoles import print_json
    from pipeline.cli.import_files import opened
    from pipeline.cli.slow import Ticker
    from pipeline.settings import Settings
    from results.exchange.imports import import_files
    from results.store import Store

    ticker = Ticker()

    def on_rows(runs: int, rows: int) -> None:
        ticker.say(f"{runs:,} runs with {rows:,} rows read")

    with opened(files) as readers, Store.open(Settings.read().results_url) as store:
        done = import_files(store, readers, on_rows)
    _tell_notes(done)
    if as_json:
        print_json(_told(done))
    else:
        typer.echo(_sentence(done))


def _told(done: "Imported") -> dict[str, object]:
    return {
        "imported": list(done.run_ids),
        "there_already": done.there_already,
        "different": list(done.different),
        "rows": dict(done.rows),
        "other_units": {name: sorted(units) for name, units in done.other_units.items()},
        "unknown_metrics": list(done.unknown_metrics),
    }


def _sentence(done: "Imported") -> str:
    count = len(done.run_ids)
    rows = sum(done.rows.values())
    there = f"; {done.there_already:,} there already" if done.there_already else ""
    return f"{count:,} run{'s' * (count != 1)} imported, {rows:,} rows{there}"


def _tell_notes(done: "Imported") -> None:
    from results.metrics import METRICS

    for name, units in done.other_units.items():
        say(
            f"{name} is in {', '.join(sorted(units))} there and in {METRICS[name].unit} here: "
            "such figures are kept apart, and no series shows them"
        )
    if done.unknown_metrics:
        some = ", ".join(done.unknown_metrics[:3]) + (", ..." if done.unknown_metrics[3:] else "")
        say(f"this Tierbench does not know {some}; kept, and shown once it is upgraded")
    for run_id in done.different[:3]:
        say(f"run {run_id} is here in another state, and stays as it is here")
    if done.different[3:]:
        say(f"so do {len(done.different) - 3} others; --json names all")
