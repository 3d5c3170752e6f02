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
    told, drawn = _told(name)
    if as_json:
        print_json(told)
    else:
        console().print(drawn)


def _told(name: str | None) -> tuple[dict[str, Any], "RenderableType"]:
    from pipeline import catalogue
    from pipeline.cli.scenario_list import draw_listing, listing
    from pipeline.cli.scenario_tables import detail, draw_detail

    if name is None or not (catalogue.is_path(name) or name in catalogue.names()):
        told = listing(catalogue.expand([name or "all"]))
        return told, draw_listing(told)
    source = catalogue.load(name)
    return detail(source), draw_detail(source)
