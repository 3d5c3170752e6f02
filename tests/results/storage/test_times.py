"""Stored times of operations, merged by run, repeat and operation, on both databases."""

from sqlalchemy import update

from results.attempt_result import PhaseSpan
from results.storage.times import RepeatTimes, times_of_runs
from results.store import Store
from results.tables import attempts
from tests.results.build import (
    a_histogram,
    a_job,
    a_result,
    a_span,
    an_interval,
    complete,
    complete_run,
    plan,
)


def found(store: Store, *run_ids: str, **wanted: object) -> list[RepeatTimes]:
    """What is found of these runs."""
    with store.database.read() as connection:
        return times_of_runs(connection, run_ids, **wanted)  # type: ignore[arg-type]


def test_seconds_tiers_outcomes_and_shards_are_merged(store: Store) -> None:
    """By repeat and operation, warm-up left out."""
    seen = a_result(
        intervals=(
            an_interval(1.0),
            an_interval(2.0, second=1),
            an_interval(3.0, tier="l2", outcome="TimeoutError"),
            an_interval(5.0, operation="set"),
            an_interval(9.0, phase="warm", warmup=True),
        )
    )
    complete_run(store, [seen, a_result()])
    times = found(store, "run-1")
    assert [(each.repeat, each.operation, each.histogram.count) for each in times] == [
        *((0, "get", 3), (0, "set", 1)),
        (1, "get", 1),
    ]
    assert (times[0].parameters, times[0].environment_class) == ("{}", "2 cores")
    assert times[0].histogram.max_ns == 3_000_000


def test_what_is_asked_for_alone(store: Store) -> None:
    """By run, scenario, subject, phase, operation and tier."""
    other = an_interval(2.0, phase="other", operation="set", tier="l2")
    complete_run(store, [a_result(intervals=(an_interval(1.0), other))])
    complete_run(store, [a_result()], run_id="run-2", scenario="stampede", subject="null")
    assert len(found(store, "run-1", "run-2")) == 3
    for wanted in (
        {"scenario": "stampede"},
        {"subject": "null"},
        {"phase": "other"},
        {"operation": "set"},
        {"tier": "l2"},
    ):
        assert len(found(store, "run-1", "run-2", **wanted)) == 1, wanted
    assert found(store) == []


def test_service_times_where_they_differ(store: Store) -> None:
    """Where nothing was sent late they are the response times."""
    late = an_interval(5.0, service=a_histogram(1.0))
    complete_run(store, [a_result(intervals=(late, an_interval(2.0, second=1)))])
    (times,) = found(store, "run-1", service=True)
    assert times.histogram == a_histogram(1.0, 2.0)


def test_searches_shared_and_invalid_attempts_are_left_out(store: Store) -> None:
    """Their times say nothing of the subject alone."""
    search = PhaseSpan(phase="seek", warmup=False, loop="search", start_s=0, end_s=1)
    sought = an_interval(9.0, phase="seek")
    seen = a_result(intervals=(an_interval(1.0), sought), phases=(a_span(1.0), search))
    complete_run(store, [seen])
    assert [each.histogram.count for each in found(store, "run-1")] == [1]
    jobs = [a_job("run-2", position, repeat=position, max_attempts=1) for position in range(2)]
    plan(store, jobs)
    complete(store, jobs[0], a_result(invalid_reason="saturated"))
    complete(store, jobs[1])
    assert [each.repeat for each in found(store, "run-2")] == [1]
    with store.database.write() as connection:
        connection.execute(update(attempts).values(shared=True))
    assert found(store, "run-1", "run-2") == []
