"""`bench export`: whole runs in a file, for another results database."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pipeline.cli import history_options as chosen
from pipeline.cli.errors import UsageError, say

if TYPE_CHECKING:
    from results.exchange.export import Exported

Format = Literal["jsonl", "parquet"]
_ENDINGS: dict[str, Format] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


def export(
    *,
    run_ids: Annotated[
        list[str] | None,
        typer.Option(
            "--run", metavar="RUN", help="Only this run (id or beginning); may be repeated."
        ),
    ] = None,
    scenario: chosen.OfScenario = None,
    labels: chosen.WithLabels = None,
    since: chosen.Since = None,
    until: chosen.Until = None,
    last: Annotated[
        int | None,
        typer.Option("--last", min=1, metavar="N", help="Only the newest runs of these."),
    ] = None,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="Default: by the file's ending, else jsonl."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write it there, not to stdout."),
    ] = None,
) -> None:
    """Write whole runs that have ended, so that `bench import` can bring them elsewhere."""
    from dataclasses import replace

    from pipeline.cli.export_file import write_export
    from pipeline.cli.stored import existing_store
    from pipeline.settings import Settings

    written_as = _format(format_, output)
    wanted = chosen.selection(scenario=scenario, labels=labels, since=since, until=until, last=last)
    if run_ids:
        wanted = replace(wanted, run_ids=tuple(run_ids))
    with existing_store(Settings.read()) as store:
        _tell(write_export(store, wanted, written_as, output), output)


def _format(given: Format | None, output: Path | None) -> Format:
    if output is None:
        if given == "parquet":
            raise UsageError("--format parquet needs a file: -o runs.parquet")
        return "jsonl"
    if output.is_dir():
        raise UsageError(f"-o {output}: is a folder; name a file in it")
    found = given or _ENDINGS.get(output.suffix.lower())
    if found is None:
        raise UsageError(f"-o {output}: end it in .jsonl or .parquet, or add --format")
    return found


def _tell(done: "Exported", output: Path | None) -> None:
    if done.left_out:
        shown = ", ".join(done.left_out[:3]) + (", ..." if done.left_out[3:] else "")
        say(f"left out, for they still go on: {shown} ({len(done.left_out)} in all)")
    where = "" if output is None else f" to {output}"
    count = len(done.run_ids)
    if count:
        rows = sum(done.rows.values())
        say(f"{count} run{'s' * (count > 1)} with {rows:,} rows exported{where}, without files")
    else:
        say(f"no run that has ended is like that; an empty export was written{where}")
