"""What `bench run` prints of a report: a table, what went wrong, and the verdict."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from pipeline.cli.consoles import new_table
from pipeline.cli.sentences import figure, in_words
from results.expectation import Verdict

_STYLES = {"pass": "green", "fail": "bold red", "unknown": "yellow"}
_COLUMNS = ("passed", "failed", "unknown", "p95 ms", "ops/s", "hit ratio")
_SCOPE = ("metric", "phase", "operation", "tier", "relative_to_phase")
_LONGEST_REASON = 300


def summary_table(report: Mapping[str, Any]) -> Table:
    """A line for each scenario; for each of its subjects where there are several."""
    several = any(len(result["subjects"]) > 1 for result in report["results"].values())
    table = new_table()
    table.add_column("scenario", overflow="fold")
    if several:
        table.add_column("subject", overflow="fold")
    table.add_column("verdict")
    for name in _COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for scenario, subject, result in _results(report):
        names = [scenario, subject] if several else [scenario]
        table.add_row(*names, styled(result["verdict"]), *_figures(result))
    return table


def problem_lines(report: Mapping[str, Any]) -> Iterator[Text]:
    """What was not as it should be: failed and unknown expectations, errors, lost attempts."""
    for scenario, subject, result in _results(report):
        where = (
            f"{scenario} ({subject})"
            if len(report["results"][scenario]["subjects"]) > 1
            else scenario
        )
        for expected in result["expectations"]:
            if expected["verdict"] in {Verdict.FAIL, Verdict.UNKNOWN}:
                line = f" {where}: {_missed(expected)}"
                yield Text.assemble(styled(expected["verdict"]), line)
        for error in result["job_errors"]:
            yield Text(f"error {where}: {_short(error['error'])}", style="red")
        for attempt in result["attempts"]:
            if attempt["outcome"] in {"lost", "invalid"}:
                number, outcome = attempt["number"], attempt["outcome"]
                reason = _short(attempt["reason"] or "")
                yield Text(f"{outcome} {where}: attempt {number}: {reason}", style="yellow")


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


def styled(verdict: str) -> Text:
    """A verdict in its colour."""
    return Text(verdict, style=_STYLES.get(verdict, ""))


def _results(report: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for scenario, result in report["results"].items():
        for subject, found in result["subjects"].items():
            yield scenario, subject, found


def _figures(result: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        str(result["tests_passed"]),
        str(result["tests_failed"] or ""),
        str(result["tests_unknown"] or ""),
        figure(result.get("p95_response_time_ms")),
        figure(result.get("throughput_ops_per_second")),
        figure(result.get("hit_ratio")),
    )


def _missed(expected: Mapping[str, Any]) -> str:
    words = in_words(**{key: expected[key] for key in _SCOPE}, bound=expected["expected"])
    if expected["verdict"] == Verdict.FAIL:
        return f"expected {words}, was {figure(expected['actual'])}"
    return f"{words}: {_short(expected['reason'])}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]}..."
