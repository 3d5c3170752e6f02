"""`bench worker`: becomes the supervisor of measuring processes."""

import os
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli import options


def worker(
    *,
    processes: Annotated[
        int,
        typer.Option(
            "--processes",
            min=1,
            max=256,
            metavar="N",
            help="Measuring processes; each does one job at a time.",
        ),
    ] = 1,
    samples: Annotated[
        Path | None,
        typer.Option(
            "--samples", metavar="DIR", help="Also write each attempt's raw timings there (.npz)."
        ),
    ] = None,
    allow_subject: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-subject",
            metavar="MODULE:FACTORY",
            help="A subject of your own that jobs may have imported here; may be repeated.",
        ),
    ] = None,
    allow_destructive: options.AllowDestructive = None,
) -> None:
    """Do queued jobs until Ctrl-C or SIGTERM, which hand the job in hand back within 10 s."""
    from pipeline.cli.workers import supervisor

    arguments = supervisor(processes, allow_subject or (), allow_destructive or ())
    if samples is not None:
        arguments += ["--samples", str(samples)]
    # Replacing this process leaves no one between a service manager and the supervisor.
    os.execv(arguments[0], arguments)  # noqa: S606 - our own module, by its name
