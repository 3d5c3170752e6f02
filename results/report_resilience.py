"""The page's parts on faults: what they cost, what was found wrong, and the subject's turns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from results.finding_text import describe
from results.metrics import METRICS, Direction
from results.page import WIDTH, Report, each_subject, figure, one_line, section, short, wrapped
from results.resilience import unprecedented_loads

_FAULTS = 250
_TRYING = "half_open"
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

_Event = tuple[int, int, float, str]
"""Repeat, worker, seconds since the attempt began, and what came."""


def resilience(report: Report) -> Iterable[str]:
    """Each fault with what it cost and how soon it was over, repeats merged."""
    rows = [
        _row(name, subject, fault)
        for scenario, subject, found in each_subject(report)
        for name, fault in _named(scenario, found["resilience"])
    ]
    return section("Resilience", rows, _HEAD, most=_FAULTS)


def _row(name: str, subject: str, fault: Mapping[str, Any]) -> str:
    parts = fault["parts"]
    times = "/".join(figure(parts[part]["all"]["p99_ms"]) for part in ("before", "during", "after"))
    cells = (
        short(subject, 10),
        figure(fault["detect_s"]),
        _recovery(fault),
        figure(fault["availability"]),
        times,
        _loads(fault),
        figure(fault["max_staleness_ms"]),
        figure(fault["lost_writes"]),
    )
    figures = " | ".join(cells)
    return f"| {short(name, WIDTH - len(figures) - len('|  |  |'))} | {figures} |"


def _named(
    scenario: str, faults: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each fault with a name of its own: its phase and number where there are several."""
    for fault in faults:
        name = _name(scenario, fault["kind"])
        same = [each for each in faults if each["kind"] == fault["kind"]]
        of_phase = [each for each in same if each["phase"] == fault["phase"]]
        phase = f", {fault['phase']}" if len(of_phase) < len(same) else ""
        number = f" #{fault['number'] + 1}" if len(of_phase) > 1 else ""
        yield f"{name}{phase}{number}", fault


def _name(scenario: str, kind: str) -> str:
    """The fault with its scenario, once where that is named after it."""
    _, named, rest = scenario.partition(kind)
    return f"{kind}{rest}" if named else f"{kind} in {scenario}"


def met(report: Report) -> Iterable[str]:
    """What operations met during each fault: which tier served them, which errors they were."""
    lines = [
        wrapped(f"- {name} ({subject}): {'; '.join(_met(fault))}")
        for scenario, subject, found in each_subject(report)
        for name, fault in _named(scenario, found["resilience"])
        if fault["parts"]["during"]["all"]["count"]
    ]
    return section("During the faults", lines, most=_FAULTS)


def _met(fault: Mapping[str, Any]) -> Iterator[str]:
    during = fault["parts"]["during"]
    yield f"served by {_shares(during['tiers'])}"
    if fault["error_rate_by_kind"]:
        yield f"failed {_shares(fault['error_rate_by_kind'])}"
    times = "/".join(
        figure(fault["parts"][part]["ok"]["p99_ms"]) for part in ("before", "during", "after")
    )
    yield f"p99 of what succeeded {times} ms"
    for name in ("loads", "stale_reads"):
        if during[name] is not None:
            yield f"{name.replace('_', ' ')} {during[name]:,.0f}"


def _shares(shares: Mapping[str, float]) -> str:
    largest = sorted(shares.items(), key=lambda share: -share[1])
    return ", ".join(f"{name} {figure(100 * share)} %" for name, share in largest)


def _loads(fault: Mapping[str, Any]) -> str:
    loads = unprecedented_loads([fault])
    return f"+{figure(loads)}" if loads else figure(fault["amplification"])


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
    """Faults and the turns of each subject's health and breakers, in seconds of its attempts."""
    lines = [
        wrapped(f"- {scenario} ({subject}), repeat {repeat}{who}: {told}")
        for scenario, subject, found in each_subject(report)
        if found["changes"]
        for repeat, who, told in _courses(found)
    ]
    return section("Faults and turns of the subject", lines)


def _courses(found: Mapping[str, Any]) -> Iterator[tuple[int, str, str]]:
    """Of each worker in each repeat what came when."""
    events = sorted([*_came_and_went(found["fault_windows"]), *_turns(found["changes"])])
    several = any(shard for _, shard, *_ in events)
    for (repeat, shard), told in groupby(events, key=lambda event: event[:2]):
        who = f", worker {shard + 1}" if several else ""
        yield repeat, who, ", ".join(f"{what} at {at_s:.3f} s" for *_, at_s, what in told)


def _came_and_went(windows: Iterable[Mapping[str, Any]]) -> Iterator[_Event]:
    for each in windows:
        for moment in ("effective", "cleared"):
            if each[f"{moment}_s"] is not None:
                what = f"{each['kind']} {moment}"
                yield each["repeat"], each.get("shard", 0), each[f"{moment}_s"], what


def _turns(told: Iterable[Mapping[str, Any]]) -> Iterator[_Event]:
    """Without a breaker's vain tries: half-open, and open again."""
    last: dict[tuple[int, int, str], str] = {}
    for each in told:
        whose = (each["repeat"], each.get("shard", 0), each["what"])
        again = each["state"] == "open" and last.get(whose) == _TRYING
        last[whose] = each["state"]
        if each["state"] != _TRYING and not again:
            yield *whose[:2], each["at_s"], f"{each['what']} {each['state']}"
