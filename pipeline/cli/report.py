"""`bench report`: a run's report, rendered from what is stored."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

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
    from results.report_markdown import render

    with existing_store(Settings.read()) as store:
        found = current_report(store, find_run(store, run_id).run.run_id)
    text = render(found) if format_ == "md" else json.dumps(found, indent=2)
    text = text.rstrip("\n") + "\n"
    if output is None:
        sys.stdout.write(text)
    else:
        write_text(output, text)
