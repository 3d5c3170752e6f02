"""What `bench run` prints: a line for each scenario, what recording cost, and the verdict."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from pipeline.cli.consoles import new_table
from pipeline.cli.sentences import figure
from pipeline.cli.styles import styled

_COLUMNS = ("loop", "passed", "failed", "unknown", "p95 ms", "ops/s", "highest", "hit ratio")
_OFTEN_EMPTY = {"failed", "unknown", "highest"}
_WORDS = {"verdict", "loop"}


def summary_table(report: Mapping[str, Any]) -> Table:
    """A line for each scenario, about the subject under test; peers are compared with it elsewhere.

    Args:
        report: The whole report.
    """
    found = {scenario: _figures(result) for scenario, result in report["results"].items()}
    shown = [
        name
        for name in _COLUMNS
        if name not in _OFTEN_EMPTY or any(figures[name] for figures in found.values())
    ]
    table = new_table()
    table.add_column("scenario", overflow="fold")
    for name in ("verdict", *shown):
        table.add_column(name, justify="left" if name in _WORDS else "right", overflow="fold")
    for scenario, figures in found.items():
        verdict = styled(report["results"][scenario]["verdict"])
        table.add_row(scenario, verdict, *(figures[name] for name in shown))
    return table


def recording_line(report: Mapping[str, Any]) -> str | None:
    """What recording itself cost on this machine; None where nobody measured it."""
    costs_us = sorted(
        each["recorder_cost_us"] for each in _subjects(report) if "recorder_cost_us" in each
    )
    if not costs_us:
        return None
    ends = dict.fromkeys(f"{cost_us:.2f}" for cost_us in (costs_us[0], costs_us[-1]))
    return f"recording cost {' to '.join(ends)} us an operation"


def verdict_line(report: Mapping[str, Any]) -> Text:
    """The verdict of the whole, with its tests, its time and its run."""
    summary = report["summary"]
    counts = ", ".join(
        f"{summary[f'tests_{name}']} {name}" for name in ("passed", "failed", "unknown")
    )
    parts = [
        f"tests: {counts}",
        f"{summary['wall_time_seconds']:.1f} s",
        f"run {report['run_id']}",
    ]
    rest = "; ".join([", cancelled" if summary["cancelled"] else "", *parts])
    return Text.assemble(styled(summary["verdict"]), rest)


def _subjects(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for result in report["results"].values():
        yield from result["subjects"].values()


def _figures(result: Mapping[str, Any]) -> dict[str, str]:
    return {
        "loop": result["loop"],
        "passed": str(result["tests_passed"]),
        "failed": str(result["tests_failed"] or ""),
        "unknown": str(result["tests_unknown"] or ""),
        "p95 ms": figure(result.get("p95_response_time_ms")),
        "ops/s": figure(result.get("throughput_ops_per_second")),
        "highest": figure(result.get("highest_rate_ops_per_second")),
        "hit ratio": figure(result.get("hit_ratio")),
    }
