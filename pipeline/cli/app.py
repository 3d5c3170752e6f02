"""The Typer application: every command, in the order in which people use them."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pipeline.cli.acknowledge import acknowledge
from pipeline.cli.baseline import baseline
from pipeline.cli.cancel import cancel
from pipeline.cli.compare import compare
from pipeline.cli.detect import detect
from pipeline.cli.doctor import doctor
from pipeline.cli.enqueue import enqueue
from pipeline.cli.export import export
from pipeline.cli.gate import gate
from pipeline.cli.history import history
from pipeline.cli.import_ import import_
from pipeline.cli.mark import mark
from pipeline.cli.prune import prune
from pipeline.cli.report import report
from pipeline.cli.resume import resume
from pipeline.cli.run import run
from pipeline.cli.scenarios import scenarios
from pipeline.cli.status import status
from pipeline.cli.tests import run_tests
from pipeline.cli.trace import trace
from pipeline.cli.trends import trends
from pipeline.cli.worker import worker


class _InOrder(TyperGroup):
    """Typer lists groups behind all commands; a baseline is set before a gate is asked."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands' names in the order in which people use them."""
        names = [name for name in super().list_commands(ctx) if name != "baseline"]
        names.insert(names.index("gate"), "baseline")
        return names


app = typer.Typer(
    name="bench",
    cls=_InOrder,
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


app.command()(run)
app.command()(enqueue)
app.command()(worker)
app.command()(status)
app.command()(cancel)
app.command()(resume)
app.command()(report)
app.command()(trends)
app.command()(detect)
app.command()(acknowledge)
app.command()(history)
app.command()(mark)
app.command()(compare)
app.add_typer(baseline, name="baseline")
app.command()(gate)
app.command()(export)
app.command("import")(import_)
app.command()(prune)
app.command()(scenarios)
app.command()(doctor)
app.command("test")(run_tests)
app.add_typer(trace, name="trace")
