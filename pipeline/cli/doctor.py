"""`bench doctor`: what answers, what doesn't, how to mend it, and what this machine can see."""

from typing import Annotated

import typer

from pipeline.cli.errors import UsageError
from pipeline.cli.exits import ExitCode
from pipeline.cli.options import AsJson


def doctor(
    *,
    noise: Annotated[
        bool,
        typer.Option("--noise", help="Measure the smallest change that this machine can see."),
    ] = False,
    repeat: Annotated[
        int | None,
        typer.Option(
            "--repeat",
            min=4,
            metavar="N",
            help="With --noise: times that the same is run, default 10; two make a pair.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check what bench stands on. Says how to mend what is down."""
    if noise:
        from pipeline.cli.noise import DEFAULT_REPEATS, measure_noise

        raise typer.Exit(measure_noise(repeat or DEFAULT_REPEATS, as_json=as_json))
    if repeat is not None:
        raise UsageError("--repeat needs --noise: only measuring is done more than once")
    _check(as_json=as_json)


def _check(*, as_json: bool) -> None:
    import dataclasses

    from pipeline.cli.checkup import DOWN, check_all
    from pipeline.cli.consoles import console, new_table, print_json
    from pipeline.settings import Settings

    checks = check_all(Settings.read())
    healthy = all(check.state != DOWN for check in checks)
    if as_json:
        told = [dataclasses.asdict(check) for check in checks]
        print_json({"healthy": healthy, "checks": told})
    else:
        table = new_table()
        for name in ("part", "state", "what was seen"):
            table.add_column(name, no_wrap=name != "what was seen")
        for check in checks:
            seen = "\n".join(line for line in (check.seen, check.mend) if line)
            table.add_row(check.part, check.state, seen)
        console().print(table)
    raise typer.Exit(ExitCode.GOOD if healthy else ExitCode.ERROR)
