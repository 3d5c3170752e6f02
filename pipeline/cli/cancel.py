"""`bench cancel`: ends what is open of a run."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import options
from pipeline.cli.errors import UsageError, say

if TYPE_CHECKING:
    from results.records import StoredRun
    from results.store import Store


def cancel(
    run_id: Annotated[
        str,
        typer.Argument(metavar="RUN", help="A run's id, or the part it begins with."),
    ],
    *,
    as_json: options.AsJson = False,
) -> None:
    """End a run's open jobs. Workers stop what they are doing of it and undo its faults."""
    from pipeline.cli.consoles import print_json
    from pipeline.cli.stored import existing_store
    from pipeline.settings import Settings

    with existing_store(Settings.read()) as store:
        stored = store.run(run_id)
        running = store.progress(stored.run.run_id).running
        cancelled = store.cancel_run(stored.run.run_id)
        if not cancelled:
            _check_it_was_cancelled(store, stored)
    told = {"run_id": stored.run.run_id, "cancelled": cancelled}
    if as_json:
        print_json(told)
    else:
        typer.echo(stored.run.run_id)
    say(_line(cancelled, running))


def _check_it_was_cancelled(store: "Store", stored: "StoredRun") -> None:
    if stored.cancelled_at_s is None:
        run_id, progress = stored.run.run_id, store.progress(stored.run.run_id)
        raise UsageError(
            f"run {run_id} has ended ({progress.completed} of {progress.total} jobs completed); "
            f"nothing is left to cancel: bench report {run_id}"
        )


def _line(cancelled: int, running: int) -> str:
    if not cancelled:
        return "it was cancelled before; nothing was left to cancel"
    told = f"{cancelled} job{'s' * (cancelled > 1)} cancelled"
    return f"{told}; its workers stop what they do within some seconds" if running else told
