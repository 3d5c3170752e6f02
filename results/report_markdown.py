"""A report as a page for people: the verdict first, then what needs their eyes."""

from collections.abc import Iterator, Mapping
from typing import Any

from results.page import Report, each_subject, figure, one_line, section, short, wrapped
from results.report_figures import measured, searches, side_by_side, spread, times
from results.report_resilience import changes, findings, met, resilience

_ENVIRONMENT_KEYS = 8


def render(report: Report) -> str:
    """The report in Markdown, no line of it longer than 100 columns.

    Args:
        report: What `results.report.build_report` gives.
    """
    sections = (
        _head(report),
        _scenarios(report),
        _expectations(report),
        findings(report),
        resilience(report),
        met(report),
        times(report),
        side_by_side(report),
        spread(report),
        searches(report),
        _faults(report),
        changes(report),
        _repeated(report),
        measured(report),
        _environment(report),
        _more(report),
    )
    return "\n\n".join(section for section in map("\n".join, sections) if section) + "\n"


def _head(report: Report) -> Iterator[str]:
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
    under_test, *peers = report["subjects"] or [""]
    if peers:
        decide = f"{under_test} is under test; compared with it, and deciding nothing"
        yield wrapped(f"{decide}: {', '.join(peers)}.")
    invalid = summary["invalid_attempts"]
    if invalid["count"]:
        yield wrapped(f"Invalid attempts, which count nowhere: {_reasons(invalid)}.")
    if report["excluded"] is not None:
        yield wrapped(f"Excluded from every series: {one_line(report['excluded'])}.")
    for note in report["notes"]:
        yield wrapped(f"Noted at {note['at']}: {one_line(note['text'])}")
    yield wrapped(f"Code {code['name'] or 'unknown'}{dirty}.")
    yield (
        f"Started {report['timestamp']}, seed {report['seed']}, services {report['services']}, "
        f"{len(report['workers'])} workers."
    )


def _reasons(invalid: Mapping[str, Any]) -> str:
    told = (f"{count} ({one_line(reason)})" for reason, count in invalid["reasons"].items())
    return ", ".join(told)


def _scenarios(report: Report) -> Iterator[str]:
    yield "| scenario | subject | verdict | passed | p95 ms | ops/s | hit ratio |"
    yield "| --- | --- | --- | ---: | ---: | ---: | ---: |"
    for scenario, subject, found in each_subject(report):
        tests = found["tests_passed"] + found["tests_failed"] + found["tests_unknown"]
        figures = (
            f"{found['tests_passed']} of {tests}",
            figure(found.get("p95_response_time_ms")),
            figure(found.get("throughput_ops_per_second")),
            figure(found.get("hit_ratio")),
        )
        names = f"{short(scenario, 30)} | {short(subject, 16)} | {found['verdict']}"
        yield f"| {names} | {' | '.join(figures)} |"


def _expectations(report: Report) -> Iterator[str]:
    lines = [
        wrapped(f"- {found['verdict']}: {scenario} ({subject}): {_told(found)}")
        for scenario, subject, of_scenario in each_subject(report)
        for found in of_scenario["expectations"]
        if found["verdict"] in ("fail", "unknown")
    ]
    errors = [
        wrapped(f"- error: {scenario} ({subject}): {one_line(failed['error'])}")
        for scenario, subject, of_scenario in each_subject(report)
        for failed in of_scenario["job_errors"]
    ]
    yield from section("Not passed", lines + errors)


def _told(found: Mapping[str, Any]) -> str:
    where = [f"in {found['phase']}"] if found["phase"] else []
    where += [found[key] for key in ("operation", "tier") if found[key]]
    if found["threshold"] != "absolute":
        where.append(found["threshold"])
    place = f" ({', '.join(where)})" if where else ""
    actual = "nothing" if found["actual"] is None else figure(found["actual"])
    why = "" if found["verdict"] == "fail" else f": {one_line(found['reason'])}"
    return f"{found['metric']}{place} expected {found['expected']}, seen {actual}{why}"


def _faults(report: Report) -> Iterator[str]:
    lines = [
        wrapped(f"- {scenario} ({subject}), repeat {window['repeat']}: {_window(window)}")
        for scenario, subject, found in each_subject(report)
        for window in found["fault_windows"]
    ]
    yield from section("Faults", lines)


def _window(window: Mapping[str, Any]) -> str:
    offsets = ((name, window[f"{name}_s"]) for name in ("requested", "effective", "cleared"))
    times = ", ".join(
        f"{name} never" if at_s is None else f"{name} at {at_s:.3f} s" for name, at_s in offsets
    )
    return f"{window['kind']} in {window['phase']}: {times}"


def _repeated(report: Report) -> Iterator[str]:
    lines = [
        wrapped(f"- {scenario} ({subject}), {_attempt(attempt, accepted.get(attempt['job']))}")
        for scenario, subject, found in each_subject(report)
        for accepted in [_accepted(found)]
        for attempt in found["attempts"]
        if attempt["outcome"] != "accepted"
    ]
    yield from section("Attempts that did not count", lines)


def _accepted(found: Mapping[str, Any]) -> dict[str, int]:
    """The number of the attempt that counts, by job."""
    accepted = (each for each in found["attempts"] if each["outcome"] == "accepted")
    return {each["job"]: each["number"] for each in accepted}


def _attempt(attempt: Mapping[str, Any], accepted: int | None) -> str:
    then = "" if accepted is None else f"; attempt {accepted} was accepted"
    which = f"repeat {attempt['repeat']}, attempt {attempt['number']}"
    return f"{which}: {attempt['outcome']}: {one_line(attempt['reason'] or '')}{then}"


def _environment(report: Report) -> Iterator[str]:
    lines = [line for each in report["environments"] for line in _fingerprint(each)]
    yield from section("Environment", lines)


def _fingerprint(environment: Mapping[str, Any]) -> Iterator[str]:
    yield wrapped(f"- {environment['environment_class']}")
    plain = [
        (name, value)
        for name, value in environment["fingerprint"].items()
        if isinstance(value, (str, int, float))
    ]
    for name, value in plain[:_ENVIRONMENT_KEYS]:
        yield wrapped(f"  - {name}: {value}")


def _more(report: Report) -> Iterator[str]:
    run_id = report["run_id"]
    yield "## More"
    yield ""
    yield f"- Everything that was kept: `bench report {run_id} --format json`"
    yield f"- The jobs and their workers: `bench status {run_id}`"
    yield "- A metric over runs: `bench trends throughput`"
