"""`bench trends`: one metric over the runs."""

from typing import Annotated

import typer

from pipeline.cli.options import AsJson


def trends(
    metric: Annotated[
        str,
        typer.Argument(
            metavar="METRIC", help="A metric's name, or the unique part it begins with."
        ),
    ],
    *,
    scenario: Annotated[
        str | None, typer.Option("--scenario", metavar="S", help="Only this scenario.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="S", help="Only this cache under test.")
    ] = None,
    last: Annotated[
        int | None,
        typer.Option("--last", min=1, metavar="N", help="Only the latest runs of each series."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="AGE", help="Only runs that are younger: 12h, 30d, 2w."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a metric over the runs: value, spread, and the change against the previous."""
    import time

    from pipeline.cli.consoles import console, print_json
    from pipeline.cli.durations import parse_age_s
    from pipeline.cli.stored import existing_store
    from pipeline.cli.trend_series import find_trends
    from pipeline.cli.trend_tables import draw_series
    from pipeline.settings import Settings
    from results.metric_names import resolve_metric
    from results.series import Selection

    found = resolve_metric(metric)
    wanted = Selection(
        metrics=(found.name,),
        scenario=scenario,
        subject=subject,
        last=last,
        since_s=None if since is None else time.time() - parse_age_s(since),
    )
    with existing_store(Settings.read()) as store:
        series = find_trends(store, wanted)
    if as_json:
        told = {"metric": found.name, "unit": found.unit, "direction": found.direction.value}
        print_json({**told, "series": [each.told() for each in series]})
    else:
        console().print(draw_series(found, series))
