"""The end of a run: its figures merged and judged, its report written, its table printed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from pipeline.cli import report_file
from pipeline.cli.comparison import draw_comparison
from pipeline.cli.consoles import console, print_json
from pipeline.cli.exits import ExitCode, of_report
from pipeline.cli.problems import problem_lines
from pipeline.cli.resilience import finding_lines, has_faults, resilience_table
from pipeline.cli.summary import recording_line, summary_table, verdict_line
from results.aggregate import aggregate
from results.report import build_report
from results.store import Store


def conclude(store: Store, run_id: str, path: Path | None, *, as_json: bool) -> ExitCode:
    """Report a run whose jobs have all ended.

    Args:
        store: Where the run is kept.
        run_id: The run.
        path: Where its report is written; nowhere where None.
        as_json: Whether the report is printed instead of tables.
    """
    report = current_report(store, run_id)
    if path is not None:
        report_file.write_json(path, report)
    if as_json:
        print_json(report)
    else:
        _print(console(), report, path)
    return of_report(report)


def current_report(store: Store, run_id: str) -> dict[str, Any]:
    """A run's report; figures that no worker has merged and judged yet are merged now."""
    if run_id in store.runs_to_aggregate():
        aggregate(store, run_id)
    return build_report(store, run_id)


def _print(out: Console, report: Mapping[str, Any], path: Path | None) -> None:
    out.print(summary_table(report))
    _print_comparisons(out, report)
    faults = resilience_table(report)
    if faults is not None:
        out.print()
        out.print(faults)
    for line in (*problem_lines(report), *finding_lines(report)):
        out.print(line, soft_wrap=True)
    recording = recording_line(report)
    if recording is not None:
        out.print(recording)
    out.print(verdict_line(report))
    if path is not None:
        out.print(f"report: {path}", soft_wrap=True)
    scenario = next(iter(report["results"]), None)
    if scenario is not None:
        out.print(f"next:   bench trends throughput --scenario {scenario}")


def _print_comparisons(out: Console, report: Mapping[str, Any]) -> None:
    """Subjects side by side; those of a scenario with faults are so in the table of faults."""
    compared = {
        name: each
        for name, each in report["results"].items()
        if "comparison" in each and not has_faults(each)
    }
    if compared:
        out.print()
    for scenario, result in compared.items():
        out.print(draw_comparison(scenario, result, out.width))
    if any(len(result["repeats"]) == 1 for result in compared.values()):
        out.print("one repeat has no confidence interval: add --repeat 5")
