"""The page's parts on faults: a table of them, what was found wrong, and the subject's turns."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from results.finding_text import describe
from results.metrics import METRICS, Direction
from results.page import WIDTH, Report, each_subject, figure, one_line, section, short, wrapped

_FAULTS = 250
_FINDING_LINES = 60
_COLUMNS = (
    "fault",
    "subject",
    "detect s",
    "recover s",
    "ok",
    "p99 ms before/in/after",
    "loads",
    "stale ms",
    "lost",
)
_HEAD = (
    f"| {' | '.join(_COLUMNS)} |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
)


def resilience(report: Report) -> Iterable[str]:
    """Each fault with what it cost and how soon it was over, repeats merged."""
    rows = [
        _row(scenario, subject, fault)
        for scenario, subject, found in each_subject(report)
        for fault in found["resilience"]
    ]
    return section("Resilience", rows, _HEAD, most=_FAULTS)


def _row(scenario: str, subject: str, fault: Mapping[str, Any]) -> str:
    parts = fault["parts"]
    times = "/".join(figure(parts[part]["all"]["p99_ms"]) for part in ("before", "during", "after"))
    cells = (
        short(subject, 10),
        figure(fault["detect_s"]),
        _recovery(fault),
        figure(fault["availability"]),
        times,
        figure(fault["amplification"]),
        figure(fault["max_staleness_ms"]),
        figure(fault["lost_writes"]),
    )
    figures = " | ".join(cells)
    name = _name(scenario, fault["kind"])
    return f"| {short(name, WIDTH - len(figures) - len('|  |  |'))} | {figures} |"


def _name(scenario: str, kind: str) -> str:
    """The fault with its scenario, once where that is named after it."""
    _, named, rest = scenario.partition(kind)
    return f"{kind}{rest}" if named else f"{kind} in {scenario}"


def _recovery(fault: Mapping[str, Any]) -> str:
    unrecovered_s = fault["unrecovered_s"]
    return figure(fault["recover_s"]) if unrecovered_s is None else f"> {figure(unrecovered_s)}"


def findings(report: Report) -> Iterable[str]:
    """What checks have found wrong, each with the operations that prove the first of it."""
    lines = [
        line
        for scenario, subject, found in each_subject(report)
        for finding in found["findings"]
        if METRICS[finding["kind"]].direction is Direction.LOWER
        for line in _finding(f"{scenario} ({subject}), repeat {finding['repeat']}", finding)
    ]
    return section("Found wrong", lines, most=_FINDING_LINES)


def _finding(where: str, finding: Mapping[str, Any]) -> Iterator[str]:
    head, *operations = describe(finding)
    yield wrapped(f"- {where}: {one_line(head)}")
    yield from (wrapped(f"  - {one_line(operation)}") for operation in operations)


def changes(report: Report) -> Iterable[str]:
    """The turns of each subject's health and breakers, in seconds of its attempts."""
    lines = [
        wrapped(f"- {scenario} ({subject}), repeat {repeat}: {_turns(told)}")
        for scenario, subject, found in each_subject(report)
        for repeat, told in groupby(found["changes"], key=lambda change: change["repeat"])
    ]
    return section("Turns of the subject", lines)


def _turns(told: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(f"{each['what']} {each['state']} at {each['at_s']:.3f} s" for each in told)
