"""`bench scenarios`: what can be run, and what each of it does."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import AsJson

if TYPE_CHECKING:
    from rich.console import RenderableType


def scenarios(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A scenario, a suite or a scenario file; default: all.",
            show_default=False,
        ),
    ] = None,
    *,
    whole: Annotated[
        bool, typer.Option("--all", help="List each scenario of a grid on lines of its own.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema of scenario files.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the scenarios, or one in full. NAME: phases, loads, faults, expectations, parameters."""
    from pipeline.cli.consoles import console, print_json

    if schema:
        from pipeline.schema import scenario_schema

        print_json(scenario_schema())
        return
    told, drawn = _told(name, whole=whole)
    if as_json:
        print_json(told)
    else:
        console().print(drawn)


def _told(name: str | None, *, whole: bool) -> tuple[dict[str, Any], "RenderableType"]:
    from pipeline import catalogue
    from pipeline.cli.scenario_list import draw_listing, listing
    from pipeline.cli.scenario_tables import detail, draw_detail

    files = [
        file for each in catalogue.expand([name or "all"]) for file in catalogue.load_all(each)
    ]
    if name in (None, *catalogue.suites(), *catalogue.grids()) or len(files) > 1:
        told = listing(files)
        return told, draw_listing(told, whole=whole or len({file.grid for file in files}) == 1)
    (source,) = files
    return detail(source), draw_detail(source)
