"""`bench detect`: where stored series have changed."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import history_options as of
from pipeline.cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from results.detection import Detection

MetricPatterns = Annotated[
    list[str] | None,
    typer.Option(
        "--metric",
        metavar="M",
        help="Only this metric, or a pattern ('p9*'); may be repeated; default: all that have "
        "a better direction.",
        show_default=False,
    ),
]


def detect(
    *,
    scenario: of.OfScenario = None,
    subject: of.OfSubject = None,
    metric: MetricPatterns = None,
    phase: of.OfPhase = None,
    branch: of.OfBranch = None,
    label: of.WithLabels = None,
    since: of.Since = None,
    until: of.Until = None,
    min_change: Annotated[
        str, typer.Option("--min-change", metavar="SHARE", help="The smallest change that matters.")
    ] = "1%",
    everything: Annotated[
        bool, typer.Option("--all", help="Show known changes too, and all metrics of each run.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show since which run something is slower or less resilient; 3 where nobody knew."""
    from pipeline.cli.consoles import console, print_json
    from pipeline.cli.detection_data import told
    from pipeline.cli.detection_tables import draw_detection
    from pipeline.cli.errors import say
    from pipeline.cli.missing_figures import explain, unit_lines
    from pipeline.cli.percentages import parse_share
    from pipeline.cli.stored import existing_store
    from pipeline.settings import Settings
    from results.detection import detect as detect_changes

    share = parse_share("--min-change", min_change)
    wanted = of.selection(
        metrics=metric_names(metric),
        scenario=scenario,
        subject=subject,
        phase=phase,
        branch=branch,
        labels=label,
        since=since,
        until=until,
    )
    with existing_store(Settings.read()) as store:
        found = detect_changes(store, wanted, min_change=share)
        if not found.judged and not found.too_short:
            explain(store, wanted)
        notes = [*_notes(found), *unit_lines(store, wanted.metrics)]
    if as_json:
        print_json(told(found, share))
    else:
        console().print(draw_detection(found, everything=everything))
    for note in notes:
        say(note)
    raise typer.Exit(_exit_code(found))


def metric_names(patterns: "Sequence[str] | None") -> list[str]:
    """The metrics of these patterns; without any all that have a better direction."""
    from results.metric_names import resolve_metrics
    from results.metrics import METRICS, Direction

    if patterns:
        return [each.name for each in resolve_metrics(patterns)]
    return [each.name for each in METRICS.values() if each.direction is not Direction.NEITHER]


def _exit_code(found: "Detection") -> int:
    from pipeline.cli.exits import ExitCode

    if not found.judged:
        return ExitCode.UNKNOWN
    return ExitCode.FAILED if found.regressed else ExitCode.GOOD


def _notes(found: "Detection") -> "Iterator[str]":
    from pipeline.cli.missing_figures import clock_lines
    from results.changepoints import FEWEST_POINTS

    if found.too_short:
        longest = max(len(each.counted) for each in found.too_short)
        yield (
            f"{len(found.too_short)} series are not judged: a change shows from {FEWEST_POINTS} "
            f"runs on, and the longest of them has {longest}"
        )
    yield from clock_lines(found.early_runs)
