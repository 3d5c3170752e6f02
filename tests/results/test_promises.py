"""What is promised of each metric: stated, part of what is stated, or promised by all."""

import pytest

from results.expectation import Expectation
from results.figures import Figures
from results.promises import bounded, promise_of, promises_of
from tests.results.build import an_attempt


def figures(*promises: dict[str, float]) -> Figures:
    """Attempts of a subject that stated these."""
    return Figures([an_attempt(attempt_id=str(each), promises=each) for each in promises])


def test_where_statements_differ_the_strictest_counts() -> None:
    """The least of what is better lower, the most of what is better higher."""
    stated = figures(
        {"max_response_time_ms": 500.0, "fault_availability": 0.9},
        {"max_response_time_ms": 400.0, "fault_availability": 0.99},
        {},
    )
    assert promises_of(stated) == {"fault_availability": 0.99, "max_response_time_ms": 400.0}


@pytest.mark.parametrize(
    ("metric", "promise"),
    [
        ("max_response_time_ms", 400.0),
        ("fault_max_response_time_ms", 400.0),
        ("overdue_reads", 0.0),
        ("impossible_reads", 0.0),
        ("repeated_writes", 0.0),
        ("wrong_values", 0.0),
        ("resurrected_reads", 0.0),
        ("lost_writes", None),
        ("stale_reads", None),
    ],
)
def test_what_is_promised(metric: str, promise: float | None) -> None:
    """A bound on staleness promises that nothing is overdue; some things every cache promises."""
    stated = figures({"max_response_time_ms": 400.0, "max_staleness_ms": 2000.0})
    assert promise_of(metric, stated) == promise


def test_without_a_bound_on_staleness_nothing_can_be_overdue() -> None:
    """Whoever promises nothing is not judged; what no cache may do is judged all the same."""
    assert promise_of("overdue_reads", figures({})) is None
    assert promise_of("wrong_values", figures({})) == 0


def test_the_promise_is_a_bound_in_the_direction_that_is_better() -> None:
    """At most what is better lower, at least what is better higher."""
    assert bounded(Expectation(metric="lost_writes"), 0).bound == "<= 0"
    assert bounded(Expectation(metric="fault_availability"), 0.9).bound == ">= 0.9"
