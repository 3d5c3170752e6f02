"""`bench trends`: one metric, or several, over code versions."""

from typing import Annotated

import typer

from pipeline.cli import history_options as of
from pipeline.cli.options import AsJson


def trends(
    metric: Annotated[
        str,
        typer.Argument(
            metavar="METRIC",
            help="A metric's name, the unique part it begins with, or a pattern ('p9*').",
        ),
    ],
    *,
    scenario: of.OfScenario = None,
    subject: of.OfSubject = None,
    phase: of.OfPhase = None,
    branch: of.OfBranch = None,
    label: of.WithLabels = None,
    since: of.Since = None,
    until: of.Until = None,
    last: Annotated[
        int | None,
        typer.Option("--last", min=1, metavar="N", help="Only the newest runs of each series."),
    ] = None,
    every_run: Annotated[
        bool, typer.Option("--all", help="Show every run, not the newest alone.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a metric over code versions: median, spread, changes, and a picture."""
    from pipeline.cli.consoles import console, print_json
    from pipeline.cli.errors import say
    from pipeline.cli.missing_figures import clock_lines, explain, unit_lines
    from pipeline.cli.stored import existing_store
    from pipeline.cli.trend_data import told
    from pipeline.cli.trend_tables import draw_trends
    from pipeline.settings import Settings
    from results.clocks import early_runs
    from results.metric_names import resolve_metrics
    from results.series import find_series
    from results.trends import find_trends

    wanted = of.selection(
        metrics=[each.name for each in resolve_metrics([metric])],
        scenario=scenario,
        subject=subject,
        phase=phase,
        branch=branch,
        labels=label,
        since=since,
        until=until,
        last=last,
    )
    with existing_store(Settings.read()) as store:
        found = find_trends(find_series(store, wanted))
        if not found:
            explain(store, wanted)
        early = early_runs(each.series for each in found)
        notes = [*unit_lines(store, wanted.metrics), *clock_lines(early)]
    if as_json:
        print_json({"series": [told(each) for each in found]})
    else:
        console().print(draw_trends(found, every_run=every_run or last is not None))
    for note in notes:
        say(note)
