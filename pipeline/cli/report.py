"""`bench report`: a run's report, rendered from what is stored."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline.cli.errors import say
from pipeline.cli.harmless import harmless
from pipeline.cli.options import RunId


def report(
    run_id: RunId = None,
    *,
    format_: Annotated[
        Literal["json", "md"], typer.Option("--format", help="JSON, or Markdown for people.")
    ] = "json",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write it there, not to stdout."),
    ] = None,
) -> None:
    """Print a run's report. Of a run that still goes on: what there is."""
    import json

    from pipeline.cli.conclusion import current_report
    from pipeline.cli.report_file import write_text
    from pipeline.cli.stored import existing_store, find_run
    from pipeline.settings import Settings
    from results.moment import iso_time
    from results.report_markdown import render

    with existing_store(Settings.read()) as store:
        stored = find_run(store, run_id)
        found = current_report(store, stored.run.run_id)
    if stored.pruned_at_s is not None:
        say(
            f"pruned on {iso_time(stored.pruned_at_s)}: its figures are kept, its raw times are not"
        )
    text = render(found) if format_ == "md" else json.dumps(found, indent=2)
    text = text.rstrip("\n") + "\n"
    if output is None:
        sys.stdout.write(harmless(text))
    else:
        write_text(output, text)
