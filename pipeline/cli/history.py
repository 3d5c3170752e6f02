"""`bench history`: a metric over time, also percentiles that nobody stored."""

from typing import Annotated, Literal

import typer

from pipeline.cli import history_options as of
from pipeline.cli.options import AsJson


def history(
    metric: Annotated[
        str,
        typer.Argument(
            metavar="METRIC",
            help="Any percentile of response times (p99.95; p50_service), or a metric's name.",
        ),
    ],
    *,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="WHEN", help="What it was then, beside what it is now."),
    ] = None,
    by: Annotated[
        Literal["run", "commit", "day", "week", "month"],
        typer.Option("--by", help="What is merged: days, weeks and months are in UTC."),
    ] = "run",
    scenario: of.OfScenario = None,
    subject: of.OfSubject = None,
    phase: of.OfPhase = None,
    operation: Annotated[
        str | None,
        typer.Option("--operation", metavar="O", help="Only times of this operation (get, set)."),
    ] = None,
    tier: Annotated[
        str | None,
        typer.Option("--tier", metavar="T", help="Only times of what this tier served (l1, l2)."),
    ] = None,
    branch: of.OfBranch = None,
    label: of.WithLabels = None,
    since: of.Since = None,
    until: of.Until = None,
    last: Annotated[
        int | None,
        typer.Option("--last", min=1, metavar="N", help="Only the newest periods of each series."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a metric over time, merged from stored histograms, or what it was at a date."""
    from dataclasses import replace

    from pipeline.cli.consoles import console, print_json
    from pipeline.cli.durations import parse_moment_s
    from pipeline.cli.history_tables import check, draw, told
    from pipeline.cli.stored import existing_store
    from pipeline.cli.then_and_now import draw_then, find_then, told_then
    from pipeline.settings import Settings
    from results.asked import resolve
    from results.history import Question, find_history

    question = Question(
        asked=resolve(metric),
        wanted=of.selection(
            scenario=scenario,
            subject=subject,
            phase=phase,
            branch=branch,
            labels=label,
            since=since,
            until=until,
        ),
        by=by,
        newest=last,
        operation=operation,
        tier=tier,
    )
    at_s = None if at is None else parse_moment_s("--at", at, whole_day=True)
    with existing_store(Settings.read()) as store:
        if at_s is None:
            found = find_history(store, question)
            check(store, question, found)
            answer, picture = told(question, found), draw(question, found)
        else:
            pairs = find_then(store, replace(question, newest=1, at_s=at_s))
            answer, picture = told_then(question, pairs, at_s), draw_then(question, pairs, at_s)
    if as_json:
        print_json(answer)
    else:
        console().print(picture)
