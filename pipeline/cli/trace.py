"""`bench trace`: what a recorded trace is like, and the same trace in another format."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import AsJson

trace = typer.Typer(
    help="Look at a recorded trace, or write it in another format.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_FORMATS = "a .trace or .csv file, with .gz, .xz or .zst after it where it is compressed"


@trace.command()
def stat(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=f"The trace: {_FORMATS}.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show what a trace is like, and what LRU would hit."""
    from pipeline.cli import trace_tables as tables
    from pipeline.cli.consoles import console, print_json
    from pipeline.cli.stages import Stages
    from pipeline.cli.trace_file import read_file
    from pipeline.trace.statistics import statistics_of

    with Stages() as stages:
        stages.begin(f"reading {file.name}")
        statistics = statistics_of(read_file(file), stages.begin)
    told = tables.told(file.name, statistics)
    if as_json:
        print_json(told)
    else:
        console().print(tables.draw(told))


@trace.command()
def convert(
    src: Annotated[Path, typer.Argument(metavar="SRC", help=f"The trace: {_FORMATS}.")],
    dst: Annotated[Path, typer.Argument(metavar="DST", help="Where it goes, named like SRC.")],
    *,
    requests: Annotated[
        int | None,
        typer.Option("--requests", min=1, metavar="N", help="Only the first N; default: all."),
    ] = None,
    key_scale: Annotated[
        float,
        typer.Option(
            "--key-scale",
            metavar="X",
            help="Below 1: only this share of the keys. A whole number: so many copies of each.",
        ),
    ] = 1.0,
    lossy: Annotated[
        bool, typer.Option("--lossy", help="Leave out what DST's format can't hold.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace DST where it exists.")] = False,
) -> None:
    """Write a trace in the format that the name DST tells."""
    from pipeline.cli.errors import say
    from pipeline.cli.stages import Stages
    from pipeline.cli.trace_file import check_target, portion, read_file, refuse_losses, write_file

    check_target(dst, force=force)
    with Stages() as stages:
        stages.begin(f"reading {src.name}")
        wanted = portion(read_file(src), src.name, requests, key_scale)
        if not lossy:
            refuse_losses(wanted, dst)
        stages.begin(f"writing {dst.name}")
        written = write_file(wanted, dst)
    say(f"wrote {written:,} of {len(wanted):,} requests to {dst}")
