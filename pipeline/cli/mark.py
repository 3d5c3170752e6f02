"""`bench mark`: what people say of a run afterwards."""

from typing import Annotated

import typer

from pipeline.cli.options import AsJson


def mark(
    run_id: Annotated[
        str, typer.Argument(metavar="RUN", help="A run's id, or the part it begins with.")
    ],
    *,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", metavar="KEY=VALUE", help="Label it; may be repeated."),
    ] = None,
    unlabel: Annotated[
        list[str] | None,
        typer.Option("--unlabel", metavar="KEY", help="Take a label off; may be repeated."),
    ] = None,
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="Note something of it.")
    ] = None,
    exclude: Annotated[
        str | None,
        typer.Option("--exclude", metavar="REASON", help="Let it take no part in any series."),
    ] = None,
    include: Annotated[bool, typer.Option("--include", help="Let it take part again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Label, annotate or exclude a run. Without options: show what is said of it."""
    from pipeline.cli.consoles import console, print_json
    from pipeline.cli.marking import Marks, apply, check, draw, told
    from pipeline.cli.request import pairs
    from pipeline.cli.stored import existing_store
    from pipeline.settings import Settings

    wanted = Marks(
        labels=pairs("--label", label or ()),
        unlabelled=tuple(unlabel or ()),
        note=note,
        exclude=exclude,
        include=include,
    )
    check(wanted)
    with existing_store(Settings.read()) as store:
        run = apply(store, store.run(run_id).run.run_id, wanted)
    if as_json:
        print_json(told(run))
    else:
        console().print(draw(run))
