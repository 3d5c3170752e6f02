"""`bench scenarios`: what can be run, and what each of it does."""

from typing import Annotated

import typer

from pipeline.cli.options import AsJson


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
    as_json: AsJson = False,
) -> None:
    """List the scenarios, or one in full. NAME: phases, loads, faults, expectations, parameters."""
    from pipeline import catalogue
    from pipeline.cli import scenario_tables as tables
    from pipeline.cli.consoles import console, print_json

    if name is None or not (catalogue.is_path(name) or name in catalogue.names()):
        told = tables.listing(catalogue.expand([name or "all"]))
        drawn = tables.draw_listing(told)
    else:
        source = catalogue.load(name)
        told, drawn = tables.detail(source), tables.draw_detail(source)
    if as_json:
        print_json(told)
    else:
        console().print(drawn)
