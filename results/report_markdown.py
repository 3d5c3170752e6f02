"""A report as a page for people: the verdict first, then what needs their eyes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import fill
from typing import Any

_Report = Mapping[str, Any]
_WIDTH = 100
_ITEM_LINES = 4
_ENVIRONMENT_KEYS = 8
_SECTION_LINES = 25


def render(report: _Report) -> str:
    """The report in Markdown, no line of it longer than 100 columns.

    Args:
        report: What `results.report.build_report` gives.
    """
    sections = (
        _head(report),
        _scenarios(report),
        _expectations(report),
        _faults(report),
        _repeated(report),
        _environment(report),
        _more(report),
    )
    return "\n\n".join(section for section in map("\n".join, sections) if section) + "\n"


def _head(report: _Report) -> Iterator[str]:
    summary = report["summary"]
    code = report["code_version"]
    dirty = " (with uncommitted changes)" if code["dirty"] else ""
    state = "cancelled" if summary["cancelled"] else summary["verdict"]
    yield f"# Run {report['run_id']}: {state}"
    yield ""
    yield (
        f"{summary['tests_passed']} tests passed, {summary['tests_failed']} failed, "
        f"{summary['tests_unknown']} unknown, in {summary['wall_time_seconds']:.1f} s."
    )
    yield _wrapped(f"Code {code['name'] or 'unknown'}{dirty}.")
    yield (
        f"Started {report['timestamp']}, seed {report['seed']}, services {report['services']}, "
        f"{len(report['workers'])} workers."
    )


def _scenarios(report: _Report) -> Iterator[str]:
    yield "| scenario | subject | verdict | passed | p95 ms | ops/s | hit ratio |"
    yield "| --- | --- | --- | ---: | ---: | ---: | ---: |"
    for scenario, subject, found in _each(report):
        tests = found["tests_passed"] + found["tests_failed"] + found["tests_unknown"]
        figures = (
            f"{found['tests_passed']} of {tests}",
            _figure(found.get("p95_response_time_ms")),
            _figure(found.get("throughput_ops_per_second")),
            _figure(found.get("hit_ratio")),
        )
        names = f"{_short(scenario, 30)} | {_short(subject, 16)} | {found['verdict']}"
        yield f"| {names} | {' | '.join(figures)} |"


def _expectations(report: _Report) -> Iterator[str]:
    lines = [
        _wrapped(f"- {found['verdict']}: {scenario} ({subject}): {_told(found)}")
        for scenario, subject, of_scenario in _each(report)
        for found in of_scenario["expectations"]
        if found["verdict"] in ("fail", "unknown")
    ]
    errors = [
        _wrapped(f"- error: {scenario} ({subject}): {_one_line(failed['error'])}")
        for scenario, subject, of_scenario in _each(report)
        for failed in of_scenario["job_errors"]
    ]
    yield from _section("Not passed", lines + errors)


def _told(found: Mapping[str, Any]) -> str:
    where = [f"in {found['phase']}"] if found["phase"] else []
    where += [found[key] for key in ("operation", "tier") if found[key]]
    if found["relative_to_phase"]:
        where.append(f"relative to {found['relative_to_phase']}")
    place = f" ({', '.join(where)})" if where else ""
    actual = "nothing" if found["actual"] is None else _figure(found["actual"])
    why = "" if found["verdict"] == "fail" else f": {_one_line(found['reason'])}"
    return f"{found['metric']}{place} expected {found['expected']}, seen {actual}{why}"


def _faults(report: _Report) -> Iterator[str]:
    lines = [
        _wrapped(f"- {scenario} ({subject}), repeat {window['repeat']}: {_window(window)}")
        for scenario, subject, found in _each(report)
        for window in found["fault_windows"]
    ]
    yield from _section("Faults", lines)


def _window(window: Mapping[str, Any]) -> str:
    offsets = ((name, window[f"{name}_s"]) for name in ("requested", "effective", "cleared"))
    times = ", ".join(
        f"{name} never" if at_s is None else f"{name} at {at_s:.3f} s" for name, at_s in offsets
    )
    return f"{window['kind']} in {window['phase']}: {times}"


def _repeated(report: _Report) -> Iterator[str]:
    lines = [
        _wrapped(f"- {scenario} ({subject}), {_attempt(attempt)}")
        for scenario, subject, found in _each(report)
        for attempt in found["attempts"]
        if attempt["outcome"] != "accepted"
    ]
    yield from _section("Attempts that did not count", lines)


def _attempt(attempt: Mapping[str, Any]) -> str:
    which = f"repeat {attempt['repeat']}, attempt {attempt['number']}"
    return f"{which}: {attempt['outcome']}: {_one_line(attempt['reason'] or '')}"


def _environment(report: _Report) -> Iterator[str]:
    lines = [line for each in report["environments"] for line in _fingerprint(each)]
    yield from _section("Environment", lines)


def _fingerprint(environment: Mapping[str, Any]) -> Iterator[str]:
    yield _wrapped(f"- {environment['environment_class']}")
    plain = [
        (name, value)
        for name, value in environment["fingerprint"].items()
        if isinstance(value, (str, int, float))
    ]
    for name, value in plain[:_ENVIRONMENT_KEYS]:
        yield _wrapped(f"  - {name}: {value}")


def _more(report: _Report) -> Iterator[str]:
    run_id = report["run_id"]
    yield "## More"
    yield ""
    yield f"- Everything that was kept: `bench report {run_id} --format json`"
    yield f"- The jobs and their workers: `bench status {run_id}`"
    yield "- A metric over runs: `bench trends throughput`"


def _section(title: str, lines: Sequence[str]) -> Iterable[str]:
    shown = list(lines[:_SECTION_LINES])
    if len(lines) > len(shown):
        shown.append(f"- ... and {len(lines) - len(shown)} more in the JSON report")
    return [f"## {title}", "", *shown] if lines else []


def _each(report: _Report) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for scenario, found in report["results"].items():
        for subject, of_subject in found["subjects"].items():
            yield scenario, subject, of_subject


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"  # noqa: PLR2004 - digits


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def _wrapped(line: str) -> str:
    return fill(
        line,
        _WIDTH,
        subsequent_indent="  ",
        break_on_hyphens=False,
        max_lines=_ITEM_LINES,
        placeholder=" ...",
    )
