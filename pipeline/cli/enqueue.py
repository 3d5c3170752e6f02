"""`bench enqueue`: the same jobs for workers that are started elsewhere."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import options
from pipeline.cli.errors import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.plan import Plan
    from pipeline.settings import Settings
    from results.store import Store


def enqueue(
    names: options.Names = None,
    *,
    scenario_type: Annotated[
        options.ScenarioTypeOrAll | None,
        typer.Option("--type", help="Only scenarios of this type; without NAMES all of them."),
    ] = None,
    repeat: options.Repeat = 1,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the end, then print what `bench run` prints.")
    ] = False,
    seed: options.Seed = None,
    label: options.Labels = None,
    overrides: options.Overrides = None,
    subject: options.Subjects = None,
    code_version: options.CodeVersionName = None,
    report_file: options.ReportFile = None,
    as_json: options.AsJson = False,
) -> None:
    """Enqueue scenarios for workers started elsewhere. Prints the run's id."""
    from pipeline.cli.errors import UsageError
    from pipeline.cli.report_file import prepare
    from pipeline.cli.request import Request
    from pipeline.settings import Settings

    if report_file is not None:
        if not wait:
            raise UsageError("--report-file needs --wait; or use `bench report RUN -o FILE` later")
        prepare(report_file)
    request = Request(
        names=names or (),
        types=() if scenario_type is None else (scenario_type,),
        seed=seed,
        labels=label or (),
        overrides=overrides or (),
        repeats=repeat,
        subjects=subject or (),
        code_version=code_version,
    )
    _send(Settings.read(), request.plan("urls"), report_file, wait=wait, as_json=as_json)


def _send(
    settings: "Settings", plan: "Plan", report_file: "Path | None", *, wait: bool, as_json: bool
) -> None:
    from contextlib import closing

    from pipeline import enqueue as queue
    from pipeline.broker import make_broker, ping
    from results.store import Store

    # Before the results database, which is made by being opened.
    ping(settings.broker_url)
    with Store.open(settings.results_url) as store:
        with closing(make_broker(settings.broker_url)) as broker:
            queue.enqueue(store, broker, plan)
        _announce(store, plan, as_json=as_json and not wait)
        if wait:
            raise typer.Exit(_wait(store, plan, report_file, as_json=as_json))


def _announce(store: "Store", plan: "Plan", *, as_json: bool) -> None:
    from pipeline.cli.consoles import print_json

    run_id, alive = plan.run.run_id, len(store.live_workers())
    if as_json:
        print_json({"run_id": run_id, "jobs": len(plan.jobs), "live_workers": alive})
    else:
        typer.echo(run_id)
    for note in notes_on_workers(plan, alive):
        say(note)


def notes_on_workers(plan: "Plan", alive: int) -> "Iterator[str]":
    """What is to be known of the workers that a plan needs.

    Args:
        plan: What was enqueued.
        alive: How many workers give signs of life.
    """
    if plan.workers_at_once > 1:
        yield f"needs {plan.workers_at_once} workers at the same time ({alive} alive)"
    if not alive:
        yield "no worker is alive; start one with `bench worker` and the same BENCH_* variables"


def _wait(store: "Store", plan: "Plan", report_file: "Path | None", *, as_json: bool) -> int:
    from pipeline.cli.conclusion import conclude
    from pipeline.cli.exits import ExitCode
    from pipeline.cli.progress import wait_for

    try:
        wait_for(store, plan, lambda: None)
    except KeyboardInterrupt:
        say(f"no longer waiting; the run goes on: bench status {plan.run.run_id} --watch")
        return ExitCode.INTERRUPTED
    return conclude(store, plan.run.run_id, report_file, as_json=as_json)
