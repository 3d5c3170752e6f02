"""`bench run`: services, workers, jobs, report; nothing to install or start before."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline.cli import options

WORKER_LOG = Path(".bench/worker.log")


def run(
    names: options.Names = None,
    *,
    services: Annotated[
        Literal["embedded", "docker", "urls"],
        typer.Option(
            "--services", help="Start Valkey, start Redis in containers, or use BENCH_*_URL."
        ),
    ] = "embedded",
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            max=256,
            metavar="N",
            help="Measuring processes; more disturb each other. Default: what the scenarios need.",
            show_default=False,
        ),
    ] = None,
    seed: options.Seed = None,
    label: options.Labels = None,
    overrides: options.Overrides = None,
    repeat: options.Repeat = 1,
    subject: options.Subjects = None,
    allow_destructive: options.AllowDestructive = None,
    code_version: options.CodeVersionName = None,
    report_file: Annotated[
        Path,
        typer.Option("--report-file", metavar="FILE", help="Where the JSON report is written."),
    ] = Path(".bench/report.json"),
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show what workers print instead of logging it.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Run scenarios on this machine. Starts all that is needed, reports, stops it again."""
    from pipeline.cli import report_file as reports
    from pipeline.cli.errors import UsageError
    from pipeline.cli.interruption import interruptible
    from pipeline.cli.local_run import LocalRun, enough_workers
    from pipeline.cli.request import Request
    from pipeline.servers.identity import server_identity
    from pipeline.subjects import check_found

    request = Request(
        names=names or (),
        types=(),
        seed=seed,
        labels=label or (),
        overrides=overrides or (),
        repeats=repeat,
        subjects=subject or (),
        code_version=code_version,
    )
    if allow_destructive and services != "urls":
        raise UsageError("--allow-destructive names servers of yours: give --services urls too")
    destructible = [server_identity(url, "--allow-destructive") for url in allow_destructive or ()]
    log = None if verbose else WORKER_LOG
    with interruptible():
        plan = request.plan(services)
        check_found(plan.run.subjects, Path.cwd())
        processes = enough_workers(plan, workers)
        reports.prepare(report_file)
        # Workers that the user did not ask for are there for groups, not to disturb other jobs.
        local_run = LocalRun(
            *(plan, services, processes, log),
            in_turn=workers is None,
            destructible=tuple(destructible),
        )
        raise typer.Exit(local_run.report(report_file, as_json=as_json))
