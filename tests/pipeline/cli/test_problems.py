"""What went wrong in a run, line by line."""

from typing import Any

from pipeline.cli.problems import problem_lines
from tests.pipeline.cli.reports import a_report, a_result


def an_expectation(**changes: Any) -> dict[str, Any]:
    """One that was not met."""
    given = {
        "metric": "p95_response_time_ms",
        "phase": "read",
        "operation": None,
        "tier": None,
        "relative_to_phase": None,
        "relative_to_subject": None,
        "relative_to_calibration": None,
        "expected": "<= 50",
        "actual": 61.2,
        "verdict": "fail",
        "reason": "",
    }
    return {**given, **changes}


def an_attempt(number: int, outcome: str, reason: str | None = None) -> dict[str, Any]:
    """One try at a job."""
    return {"number": number, "outcome": outcome, "reason": reason}


def told(*subjects: dict[str, Any]) -> list[str]:
    """The lines about these subjects."""
    return [line.plain for line in problem_lines(a_report(*subjects))]


def test_a_good_run_has_no_problems() -> None:
    """No line."""
    assert told(a_result(attempts=[an_attempt(1, "accepted")])) == []


def test_what_was_expected_and_what_was_seen() -> None:
    """With the subject or the machine that it is relative to."""
    other = an_expectation(relative_to_subject="redis-py", phase=None, expected=">= 2", actual=1.5)
    machine = an_expectation(relative_to_calibration="ping", phase=None)
    assert told(a_result(expectations=[an_expectation(), other, machine])) == [
        "fail small: expected p95_response_time_ms in read <= 50, was 61.2",
        "fail small: expected p95_response_time_ms relative to redis-py >= 2, was 1.5",
        "fail small: expected p95_response_time_ms relative to this machine's ping <= 50, was 61.2",
    ]


def test_invalid_attempts_never_pass_unnoticed() -> None:
    """Also where a later one was accepted; what is said for one reason is said once."""
    saturated = "phase read: the generator was saturated"
    attempts = [
        an_attempt(1, "invalid", saturated),
        an_attempt(2, "invalid", saturated),
        an_attempt(3, "lost", "its worker died"),
        an_attempt(4, "accepted"),
    ]
    errors = [{"job": "j", "error": saturated}]
    assert told(a_result(attempts=attempts, job_errors=errors)) == [
        f"invalid small: 2 attempts: {saturated}",
        "lost small: attempt 3: its worker died",
    ]


def test_problems_of_peers_are_marked_as_theirs() -> None:
    """All that they raised, and their unmet expectations in one line."""
    peer = a_result(
        "null",
        peer=True,
        expectations=[an_expectation(), an_expectation(), an_expectation(verdict="unknown")],
        job_errors=[{"job": "j", "error": "it broke\nbadly"}],
    )
    error, fail = told(a_result(), peer)
    assert error == "peer error small (null): it broke badly"
    assert fail.startswith("peer fail small (null): expected p95_response_time_ms in read <= 50")
    assert fail.endswith("was 61.2 (and 1 more)")


def test_what_could_not_be_judged_is_told_by_its_reason() -> None:
    """One line a reason."""
    unknown = [an_expectation(verdict="unknown", actual=None, reason=reason) for reason in "aab"]
    assert told(a_result(expectations=unknown)) == [
        "unknown small: 2 expectations: a",
        "unknown small: p95_response_time_ms in read <= 50: b",
    ]
