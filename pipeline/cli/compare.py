"""`bench compare`: two sides beside each other, and which one is better."""

from typing import Annotated

import typer

from pipeline.cli.history_options import OfPhase, OfScenario, OfSubject
from pipeline.cli.options import AsJson

_SIDE = (
    "A run, a label (KEY=VALUE), a commit or code version, or a subject; "
    "to be clear: run:, label:, commit:, subject: or baseline: before it."
)


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help=_SIDE)],
    b: Annotated[str, typer.Argument(metavar="B", help="The same: what is judged beside A.")],
    *,
    scenario: OfScenario = None,
    subject: OfSubject = None,
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", metavar="M", help="Only this metric or pattern; repeatable."),
    ] = None,
    phase: OfPhase = None,
    margin: Annotated[
        str, typer.Option("--margin", metavar="SHARE", help="Within so much sides are the same.")
    ] = "5%",
    everything: Annotated[
        bool, typer.Option("--all", help="Show also what is the same or unknown.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Say of each metric whether B is better, worse or the same as A, and how sure that is."""
    from pipeline.cli.compare_tables import draw_compared
    from pipeline.cli.consoles import console, print_json
    from pipeline.cli.errors import say
    from pipeline.cli.exits import of_comparison
    from pipeline.cli.percentages import parse_share
    from pipeline.cli.stored import existing_store
    from pipeline.cli.two_sides import compare_words, lines_on_units, wish_for
    from pipeline.settings import Settings
    from results.versus.told import told_comparison

    share = parse_share("--margin", margin)
    wish = wish_for(metric, scenario, subject, phase)
    with existing_store(Settings.read()) as store:
        found = compare_words(store, a, b, wish, margin=share)
        notes = lines_on_units(store, wish)
    if as_json:
        print_json(told_comparison(found.comparison, found.sides, found.asked))
    else:
        console().print(draw_compared(found, everything=everything))
    for note in notes:
        say(note)
    return of_comparison({str(each): number for each, number in found.comparison.counts.items()})
