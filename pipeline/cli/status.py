"""`bench status`: where jobs stand and which worker holds which."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.errors import UsageError
from pipeline.cli.options import AsJson, RunId

if TYPE_CHECKING:
    from results.records import StoredRun
    from results.store import Store

_REFRESH_S = 1.0


def status(
    run_id: RunId = None,
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Follow the run until its jobs have ended.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show where jobs stand and which worker holds which. Without RUN: the latest runs."""
    from pipeline.cli import status_data, status_tables
    from pipeline.cli.consoles import console, print_json
    from pipeline.cli.stored import existing_store, find_run
    from pipeline.settings import Settings

    if watch and as_json:
        raise UsageError("--watch draws what --json prints once; leave one of them out")
    with existing_store(Settings.read()) as store:
        if watch:
            _follow(store, find_run(store, run_id))
            return
        if run_id is None:
            told = status_data.overview(store)
            drawn = status_tables.draw_overview(told)
        else:
            told = status_data.one_run(store, store.run(run_id))
            drawn = status_tables.draw_run(told)
    if as_json:
        print_json(told)
    else:
        console().print(drawn)


def _follow(store: "Store", stored: "StoredRun") -> None:
    from rich.live import Live

    from pipeline.cli.consoles import console
    from pipeline.cli.status_data import one_run
    from pipeline.cli.status_tables import draw_run

    with Live(console=console(), auto_refresh=False) as live:
        while True:
            told = one_run(store, stored)
            live.update(draw_run(told, open_first=True), refresh=True)
            if told["state"] != "open":
                return
            time.sleep(_REFRESH_S)
