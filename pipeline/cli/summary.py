"""What `bench run` prints of a report: a table, what went wrong, and the verdict."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from pipeline.cli.consoles import new_table
from pipeline.cli.sentences import figure, in_words
from results.expectation import Verdict

_STYLES = {"pass": "green", "fail": "bold red", "unknown": "yellow", "error": "bold red"}
_COLUMNS = ("passed", "failed", "unknown", "p95 ms", "ops/s", "hit ratio")
_OFTEN_EMPTY = {"failed", "unknown"}
_WIDE = 100
_SCOPE = ("metric", "phase", "operation", "tier", "relative_to_phase")
_LONGEST_REASON = 300


def summary_table(report: Mapping[str, Any], width: int = _WIDE) -> Table:
    """A line for each scenario; for each of its subjects where there are several.

    Args:
        report: The whole report.
        width: Columns of the terminal; in fewer than 100, columns without a figure are left out.
    """
    found = [_figures(result) for _, _, result in _results(report)]
    shown = [
        name
        for name in _COLUMNS
        if width >= _WIDE or name not in _OFTEN_EMPTY or any(figures[name] for figures in found)
    ]
    several = any(len(result["subjects"]) > 1 for result in report["results"].values())
    table = new_table()
    table.add_column("scenario", overflow="fold")
    if several:
        table.add_column("subject", overflow="fold")
    for name in ("verdict", *shown):
        table.add_column(name, justify="left" if name == "verdict" else "right", no_wrap=True)
    for scenario, subject, result in _results(report):
        names = [scenario, subject] if several else [scenario]
        figures = _figures(result)
        table.add_row(*names, styled(result["verdict"]), *(figures[name] for name in shown))
    return table


def problem_lines(report: Mapping[str, Any]) -> Iterator[Text]:
    """What was not as it should be: errors, lost attempts, failed and unknown expectations."""
    for scenario, subject, result in _results(report):
        several = len(report["results"][scenario]["subjects"]) > 1
        where = f"{scenario} ({subject})" if several else scenario
        for word, told in _problems(result):
            yield Text.assemble(styled(word), f" {where}: {told}")


def _problems(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for error in result["job_errors"]:
        yield "error", _short(error["error"])
    for attempt in result["attempts"]:
        if attempt["outcome"] in {"lost", "invalid"}:
            reason = _short(attempt["reason"] or "")
            yield attempt["outcome"], f"attempt {attempt['number']}: {reason}"
    for expected in result["expectations"]:
        if expected["verdict"] == Verdict.FAIL:
            yield "fail", f"expected {_words(expected)}, was {figure(expected['actual'])}"
    for reason, words in _unknown(result["expectations"]).items():
        told = words[0] if len(words) == 1 else f"{len(words)} expectations"
        yield "unknown", f"{told}: {_short(reason)}"


def _unknown(expectations: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The expectations that could not be judged, by the reason for that."""
    found: dict[str, list[str]] = {}
    for expected in expectations:
        if expected["verdict"] == Verdict.UNKNOWN:
            found.setdefault(expected["reason"], []).append(_words(expected))
    return found


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
    """A verdict or another outcome in its colour."""
    return Text(verdict, style=_STYLES.get(verdict, ""))


def _results(report: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for scenario, result in report["results"].items():
        for subject, found in result["subjects"].items():
            yield scenario, subject, found


def _figures(result: Mapping[str, Any]) -> dict[str, str]:
    return {
        "passed": str(result["tests_passed"]),
        "failed": str(result["tests_failed"] or ""),
        "unknown": str(result["tests_unknown"] or ""),
        "p95 ms": figure(result.get("p95_response_time_ms")),
        "ops/s": figure(result.get("throughput_ops_per_second")),
        "hit ratio": figure(result.get("hit_ratio")),
    }


def _words(expected: Mapping[str, Any]) -> str:
    return in_words(**{key: expected[key] for key in _SCOPE}, bound=expected["expected"])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]}..."
