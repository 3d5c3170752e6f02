"""`bench baseline`: runs by a name, for others to be held against."""

from typing import Annotated

import typer

from pipeline.cli.options import AsJson, RunId

baseline = typer.Typer(
    help="Name runs that others are held against.", no_args_is_help=True, rich_markup_mode=None
)

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The baseline's name, such as main.")]


@baseline.command("set")
def set_(name: _Name, run_id: RunId = None, *, as_json: AsJson = False) -> None:
    """Let a run be the baseline of this name, in place of the one before."""
    from pipeline.cli.consoles import print_json
    from pipeline.cli.stored import existing_store, find_run
    from pipeline.settings import Settings
    from results.baselines import set_baseline

    with existing_store(Settings.read()) as store:
        run = find_run(store, run_id)
        before = set_baseline(store, name, run)
    if as_json:
        print_json({"name": name, "run_id": run.run.run_id, "before": before})
    else:
        instead = f", in place of run {before}" if before not in (None, run.run.run_id) else ""
        typer.echo(f"baseline {name} is run {run.run.run_id}{instead}")


@baseline.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the baselines with their runs."""
    from pipeline.cli.baseline_tables import draw, told
    from pipeline.cli.consoles import console, print_json
    from pipeline.cli.stored import existing_store
    from pipeline.settings import Settings
    from results.baselines import all_baselines

    with existing_store(Settings.read()) as store:
        found = all_baselines(store)
    if as_json:
        print_json(told(found))
    else:
        console().print(draw(found))


@baseline.command("rm")
def rm(name: _Name, *, as_json: AsJson = False) -> None:
    """Take the name off its run; the run stays."""
    from pipeline.cli.consoles import print_json
    from pipeline.cli.stored import existing_store
    from pipeline.settings import Settings
    from results.baselines import remove_baseline

    with existing_store(Settings.read()) as store:
        remove_baseline(store, name)
    if as_json:
        print_json({"name": name, "removed": True})
    else:
        typer.echo(f"baseline {name} is removed; its run stays")
