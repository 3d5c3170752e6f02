"""`bench gate`: may this be merged, or has it made something worse?"""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.history_options import OfPhase, OfScenario, OfSubject
from pipeline.cli.options import AsJson


def gate(
    candidate: Annotated[
        str,
        typer.Argument(
            metavar="CANDIDATE", help="What is judged, in the words of `bench compare`."
        ),
    ] = "latest",
    *,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            metavar="NAME",
            help="A baseline, or such a word; default: the only baseline, or `main`.",
        ),
    ] = None,
    max_regression: Annotated[
        str,
        typer.Option("--max-regression", metavar="SHARE", help="How much worse a metric may be."),
    ] = "5%",
    metric: Annotated[
        list[str] | None,
        typer.Option(
            "--metric", metavar="M", help="This metric or pattern, in place of the headline ones."
        ),
    ] = None,
    scenario: OfScenario = None,
    subject: OfSubject = None,
    phase: OfPhase = None,
    markdown: Annotated[
        Path | None,
        typer.Option("--markdown", metavar="FILE", help="Where a summary is written, too."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Hold a run against a baseline: exit 0 passed, 3 regressed, 4 can't be told."""
    from pipeline.cli.consoles import console, print_json
    from pipeline.cli.errors import say
    from pipeline.cli.exits import of_gate
    from pipeline.cli.gate_tables import draw_gate
    from pipeline.cli.gating import gate_words
    from pipeline.cli.percentages import parse_share
    from pipeline.cli.report_file import write_text
    from pipeline.cli.stored import existing_store
    from pipeline.cli.two_sides import lines_on_units, wish_for
    from pipeline.settings import Settings
    from results.versus.gate_markdown import render_gate
    from results.versus.headline import GATED
    from results.versus.told import told_gate

    share = parse_share("--max-regression", max_regression)
    wish = wish_for(metric, scenario, subject, phase, GATED)
    with existing_store(Settings.read()) as store:
        found = gate_words(store, baseline, candidate, wish, share)
        notes = lines_on_units(store, wish)
    if markdown is not None:
        write_text(markdown, render_gate(found.result, found.sides, found.asked))
    if as_json:
        print_json(told_gate(found.result, found.sides, found.asked))
    else:
        console().print(draw_gate(found))
    for note in notes:
        say(note)
    return of_gate(found.result.verdict)
