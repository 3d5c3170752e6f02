"""What a row says, held against what a run that has ended can say; workers are to trust it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from results.exchange.histograms import check_histogram
from results.expectation import Verdict
from results.records import AttemptOutcome, JobState
from results.storage import rows
from results.storage.planned_job import to_expectation

Values = dict[str, Any]

_ENDED_JOBS = frozenset(JobState) - {JobState.QUEUED, JobState.RUNNING}
_ENDED_ATTEMPTS = frozenset(AttemptOutcome) - {AttemptOutcome.RUNNING}
# Epoch seconds of the columns that reports show as dates, within the years 2 to 9998.
_TIMES = (
    *("created_at", "cancelled_at", "aggregated_at", "code_committed_at", "excluded_at"),
    *("pruned_at", "started_at", "claimed_until", "ended_at", "alive_until", "since", "sent_at"),
    *("at", "set_at"),
)
_EARLIEST_S, _LATEST_S = -6.21e10, 2.533e11
_MEASURED = ("fingerprint_hash", "execution_time_s", "unsupported")


def check_row(table: str, row: Values) -> None:
    """Refuse a row that does not belong to a run that has ended.

    Args:
        table: Its table.
        row: Its values, each of its column's type.

    Raises:
        ValueError: Something of it can't be.
    """
    for name in _TIMES:
        at_s = row.get(name)
        if at_s is not None and not _EARLIEST_S < at_s < _LATEST_S:
            raise ValueError(f"{name} is {at_s:g}, which is no time that a calendar has")
    check = _CHECKS.get(table)
    if check is not None:
        check(row)


def _check_run(row: Values) -> None:
    if not row["run_id"] or not row["run_id"].isprintable():
        raise ValueError("a run has no readable id")
    if row["aggregated_at"] is None:
        raise ValueError(f"run {row['run_id']} has not ended: its figures are not merged yet")
    if (row["excluded_at"] is None) != (row["excluded_reason"] is None):
        raise ValueError(f"run {row['run_id']} is excluded without a reason or a time")
    for name in ("names", "subjects"):
        _check_texts(name, row[name])
    if not row["subjects"]:
        raise ValueError(f"run {row['run_id']} has no subject")
    for name in ("labels", "parameters"):
        _check_texts(name, list(_dictionary(name, row[name]).values()))


def _check_job(row: Values) -> None:
    if row["state"] not in _ENDED_JOBS:
        raise ValueError(f"job {row['job_id']} has not ended: it is {row['state']!r}")
    _dictionary("spec", row["spec"])
    _dictionary("parameters", row["parameters"])
    for each in _list("expectations", row["expectations"]):
        _check_expectation(each)


def _check_environment(row: Values) -> None:
    _dictionary("fingerprint", row["fingerprint"])
    expected = rows.hash_of(row["environment_class"], row["fingerprint"])
    if row["fingerprint_hash"] != expected:
        raise ValueError(f"the environment {row['fingerprint_hash']} is not what its hash says")


def _check_attempt(row: Values) -> None:
    if row["outcome"] not in _ENDED_ATTEMPTS or row["ended_at"] is None:
        raise ValueError(f"attempt {row['attempt_id']} has not ended: it is {row['outcome']!r}")
    if row["unsupported"] is not None:
        _check_texts("unsupported", row["unsupported"])
    promises = _dictionary("promises", row["promises"] or {})
    if not all(_is_number(value) for value in promises.values()):
        raise ValueError("promises has a value that is no number")
    missing = [name for name in _MEASURED if row[name] is None]
    if row["outcome"] == AttemptOutcome.ACCEPTED and missing:
        raise ValueError(f"attempt {row['attempt_id']} was accepted without {missing[0]}")


def _check_histograms(row: Values) -> None:
    check_histogram(row["histogram"])
    if row.get("service") is not None:
        check_histogram(row["service"])


def _check_finding(row: Values) -> None:
    for operation in _list("example", row["example"]):
        _dictionary("example", operation)


def _check_summary(row: Values) -> None:
    found = _dictionary("parameters", _parsed(row["parameters"]))
    if json.dumps(found, sort_keys=True) != row["parameters"]:
        raise ValueError("parameters of a summary are not written as they are compared")
    if row["verdict"] is not None:
        _check_verdict(row["verdict"])
    if row["details"] is not None:
        _check_details(_dictionary("details", row["details"]))


def _check_details(details: Mapping[str, Any]) -> None:
    """Those that every report reads; what was made by an older Tierbench has no others."""
    for name in ("loops", "percentiles", "distributions"):
        _dictionary(f"details.{name}", details.get(name))
    for name in ("unsupported", "search", "fault_windows", "timeline"):
        _list(f"details.{name}", details.get(name))
    if not isinstance(details.get("loop"), str) or "errors_by_kind" not in details:
        raise ValueError("details lacks what a report shows")


def _check_judgement(row: Values) -> None:
    _check_expectation(row["expectation"])
    _check_verdict(row["verdict"])


def _check_baseline(row: Values) -> None:
    if not row["name"] or not row["name"].isprintable():
        raise ValueError("a baseline has no readable name")


def _check_expectation(found: Any) -> None:
    try:
        to_expectation(_dictionary("expectation", found))
    except TypeError as error:
        raise ValueError(f"an expectation can't be read: {error}") from None


def _check_verdict(text: str) -> None:
    if text not in frozenset(Verdict):
        raise ValueError(f"there is no verdict {text!r}")


def _check_texts(name: str, found: Any) -> None:
    if not all(isinstance(each, str) for each in _list(name, found)):
        raise ValueError(f"{name} has a value that is no text")


def _list(name: str, found: Any) -> list[Any]:
    if not isinstance(found, list):
        raise ValueError(f"{name} is no list")  # noqa: TRY004 - a file's mistake, not a caller's
    return found


def _dictionary(name: str, found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise ValueError(f"{name} is no object")  # noqa: TRY004 - a file's mistake, not a caller's
    return found


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"parameters are no JSON: {error}") from None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_CHECKS: Mapping[str, Callable[[Values], None]] = {
    "runs": _check_run,
    "jobs": _check_job,
    "environments": _check_environment,
    "attempts": _check_attempt,
    "intervals": _check_histograms,
    "distributions": _check_histograms,
    "window_times": _check_histograms,
    "findings": _check_finding,
    "summaries": _check_summary,
    "judgements": _check_judgement,
    "baselines": _check_baseline,
}
