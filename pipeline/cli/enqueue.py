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
    idempotency_key: Annotated[
        str | None,
        typer.Option(
            "--idempotency-key",
            metavar="KEY",
            help="Asked for again with the same key it is the same run; also the default seed.",
        ),
    ] = None,
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
        idempotency_key=idempotency_key,
    )
    _send(Settings.read(), request.plan("urls"), report_file, wait=wait, as_json=as_json)


def _send(
    settings: "Settings", plan: "Plan", report_file: "Path | None", *, wait: bool, as_json: bool
) -> None:
    from contextlib import closing

    from pipeline import enqueue as queue
    from pipeline.broker import make_broker, ping
    from pipeline.cli.waiting import wait_to_the_end
    from pipeline.plan import renamed
    from results.store import Store

    # Before the results database, which is made by being opened.
    ping(settings.broker_url)
    with Store.open(settings.results_url) as store:
        with closing(make_broker(settings.broker_url)) as broker:
            run_id = queue.enqueue(store, broker, plan)
        is_new = run_id == plan.run.run_id
        plan = renamed(plan, run_id)
        _announce(store, plan, is_new=is_new, as_json=as_json and not wait)
        if wait:
            raise typer.Exit(wait_to_the_end(store, plan, report_file, as_json=as_json))


def _announce(store: "Store", plan: "Plan", *, is_new: bool, as_json: bool) -> None:
    from pipeline.cli.consoles import print_json

    run_id, alive = plan.run.run_id, len(store.live_workers())
    if as_json:
        told = {"run_id": run_id, "jobs": len(plan.jobs), "live_workers": alive, "new": is_new}
        print_json(told)
    else:
        typer.echo(run_id)
    if not is_new:
        say(f"run {run_id} has this idempotency key; nothing more was enqueued")
        return
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
