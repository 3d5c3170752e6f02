"""The Typer application: every command, in the order in which people use them."""

from typing import Annotated

import typer

from pipeline.cli.tests import run_tests

app = typer.Typer(
    name="bench",
    help="Benchmark and break multi-level caches; keep every result.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"bench {version('tierbench')}")
        raise typer.Exit


@app.callback()
def _bench(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Benchmark and break multi-level caches; keep every result."""


app.command("test")(run_tests)
