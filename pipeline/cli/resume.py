"""`bench resume`: does again what was cancelled or has failed of a run."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import options
from pipeline.cli.errors import UsageError, say

if TYPE_CHECKING:
    from pipeline.plan import Plan
    from pipeline.settings import Settings
    from results.store import Store


def resume(
    run_id: Annotated[
        str,
        typer.Argument(metavar="RUN", help="A run's id, or the part it begins with."),
    ],
    *,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the end, then print what `bench run` prints.")
    ] = False,
    report_file: options.ReportFile = None,
    as_json: options.AsJson = False,
) -> None:
    """Queue a run's cancelled and failed jobs again, for workers started elsewhere."""
    from pipeline.cli.report_file import prepare
    from pipeline.cli.stored import existing_store
    from pipeline.cli.waiting import wait_to_the_end
    from pipeline.plan import Plan
    from pipeline.settings import Settings

    if report_file is not None:
        if not wait:
            raise UsageError("--report-file needs --wait; or use `bench report RUN -o FILE` later")
        prepare(report_file)
    settings = Settings.read()
    with existing_store(settings) as store:
        run = store.run(run_id).run
        resumed = _queue_again(settings, store, run.run_id)
        plan = Plan(run, store.jobs(run.run_id), ())
        _announce(store, plan, resumed, as_json=as_json and not wait)
        if wait:
            raise typer.Exit(wait_to_the_end(store, plan, report_file, as_json=as_json))


def _queue_again(settings: "Settings", store: "Store", run_id: str) -> int:
    from contextlib import closing

    from pipeline.broker import make_broker
    from pipeline.enqueue import resume as ask_again

    with closing(make_broker(settings.broker_url)) as broker:
        resumed = ask_again(store, broker, run_id)
    if not resumed:
        progress = store.progress(run_id)
        still = progress.total - progress.ended
        so_far = f"{still} are still open" if still else "all of them were accepted"
        raise UsageError(f"run {run_id} has no cancelled or failed job to resume; {so_far}")
    return resumed


def _announce(store: "Store", plan: "Plan", resumed: int, *, as_json: bool) -> None:
    from pipeline.cli.consoles import print_json
    from pipeline.cli.enqueue import notes_on_workers

    run_id, alive = plan.run.run_id, len(store.live_workers())
    if as_json:
        print_json({"run_id": run_id, "resumed": resumed, "live_workers": alive})
    else:
        typer.echo(run_id)
    say(f"{resumed} job{'s' * (resumed > 1)} queued again")
    if plan.run.services != "urls":
        say("what `bench run` started for it has ended; now the services of BENCH_* are used")
    for note in notes_on_workers(plan, alive):
        say(note)
