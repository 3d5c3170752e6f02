"""Trends on SQLite and PostgreSQL: points in the order of time, found by short names."""

from typing import Any

import pytest
from sqlalchemy import update

from results.aggregate import aggregate
from results.attempt_result import Environment
from results.errors import UnknownMetricError
from results.store import Store
from results.tables import runs
from results.trends import resolve_metric, trend
from tests.results.build import (
    a_job,
    a_result,
    a_span,
    an_interval,
    complete,
    complete_run,
    plan,
    take,
)


def finished_run(store: Store, run_id: str, *times_ms: float, **changes: Any) -> None:
    """A run with one repeat for each time of its only read, merged and judged."""
    results = [a_result(intervals=(an_interval(time_ms),)) for time_ms in times_ms]
    complete_run(store, results, run_id=run_id, **changes)
    aggregate(store, run_id)


def test_a_point_a_run_with_the_spread_of_its_repeats(store: Store) -> None:
    """The value is the median of the repeats, and least and greatest are beside it."""
    finished_run(store, "first", 1.0, 5.0, 2.0)
    finished_run(store, "second", 4.0)
    first, second = trend(store, "max_response_time_ms")
    assert (first.run_id, second.run_id) == ("first", "second")
    assert (first.value, first.least, first.greatest, first.repeats) == (2, 1, 5, 3)
    assert (second.value, second.least, second.greatest, second.repeats) == (4, 4, 4, 1)
    assert (first.code_version, first.dirty) == ("abc1234", False)
    assert first.environment_class == "2 cores"
    assert first.at_s < second.at_s
    assert not first.shared


def test_points_are_by_scenario_and_subject_then_time(store: Store) -> None:
    """Each series stands together, its points in the order of time."""
    for number, run_id in enumerate(("z", "y", "x")):
        for scenario in ("b", "a"):
            finished_run(store, f"{run_id}-{scenario}", number + 1.0, scenario=scenario)
    points = trend(store, "max_response")
    assert [point.run_id for point in points] == ["z-a", "y-a", "x-a", "z-b", "y-b", "x-b"]
    assert [point.run_id for point in trend(store, "max_response", scenario="b")] == [
        "z-b",
        "y-b",
        "x-b",
    ]
    assert trend(store, "max_response", subject="null") == []


def test_the_last_runs_of_each_series(store: Store) -> None:
    """Each scenario has its own newest runs, all their repeats included."""
    for run_id in ("one", "two", "three"):
        finished_run(store, run_id, 1.0, 2.0)
    finished_run(store, "other", 1.0, scenario="trace_replay")
    points = trend(store, "throughput", last=2)
    assert [point.run_id for point in points] == ["two", "three", "other"]
    assert points[0].repeats == 2


def test_since_is_counted_back_from_now(store: Store) -> None:
    """Older runs are left out, by the database's clock."""
    finished_run(store, "old", 1.0)
    finished_run(store, "new", 1.0)
    with store.database.write() as connection:
        created_at = runs.c.created_at - 7200
        connection.execute(update(runs).where(runs.c.run_id == "old").values(created_at=created_at))
    assert [point.run_id for point in trend(store, "throughput", since_s=3600)] == ["new"]
    assert len(trend(store, "throughput", since_s=10_000)) == 2


def test_classes_of_machines_are_never_mixed(store: Store) -> None:
    """A run whose repeats ran on two classes of machine has a point in each."""
    other = Environment(environment_class="64 cores", fingerprint={})
    complete_run(store, [a_result(), a_result(environment=other), a_result()])
    aggregate(store, "run-1")
    points = trend(store, "operations")
    assert [(point.environment_class, point.repeats) for point in points] == [
        ("2 cores", 2),
        ("64 cores", 1),
    ]


def test_parameters_are_never_mixed(store: Store) -> None:
    """What the user set to something else is a series of its own, however it was ordered."""
    for run_id, parameters in (
        ("default-1", {}),
        ("own-1", {"trace": "web07.trace@0123", "users": 4}),
        ("default-2", {}),
        ("own-2", {"users": 4, "trace": "web07.trace@0123"}),
        ("other", {"users": 5, "trace": "web07.trace@0123"}),
    ):
        finished_run(store, run_id, 1.0, parameters=parameters)
    points = trend(store, "throughput")
    assert [point.run_id for point in points] == [
        *("default-1", "default-2"),
        *("own-1", "own-2"),
        "other",
    ]
    assert points[2].parameters == {"trace": "web07.trace@0123", "users": 4}
    newest = [point.run_id for point in trend(store, "throughput", last=1)]
    assert newest == ["default-2", "own-2", "other"]


def test_only_accepted_attempts_make_a_point(store: Store) -> None:
    """An invalid repeat takes no part in the run's figure."""
    jobs = [a_job(position=position, repeat=position, max_attempts=1) for position in range(2)]
    plan(store, jobs, repeats=2)
    complete(store, jobs[0], a_result(intervals=(an_interval(2.0),)))
    complete(store, jobs[1], a_result(intervals=(an_interval(9.0),), invalid_reason="saturated"))
    aggregate(store, "run-1")
    (point,) = trend(store, "max_response_time_ms")
    assert (point.value, point.repeats) == (2, 1)


def test_a_point_that_shared_its_machine_says_so(store: Store) -> None:
    """Overlapping attempts mark their point."""
    jobs = [a_job(position=position, repeat=position) for position in range(2)]
    plan(store, jobs)
    for claim in [take(store, job) for job in jobs]:
        store.finish(claim.attempt_id, a_result())
    aggregate(store, "run-1")
    (point,) = trend(store, "throughput")
    assert point.shared


def test_runs_without_the_figure_have_no_point(store: Store) -> None:
    """Failed and open runs, and figures that were not seen, leave no gap and no zero."""
    job = a_job("failed")
    plan(store, [job])
    complete(store, job, a_result(error="boom"))
    aggregate(store, "failed")
    plan(store, [a_job("open")])
    complete_run(store, [a_result(phases=(a_span(2.0),))])
    aggregate(store, "run-1")
    assert [point.value for point in trend(store, "throughput")] == [0.5]
    assert trend(store, "hit_ratio") == []


def test_metrics_are_found_by_a_unique_prefix() -> None:
    """`throughput` is enough; a whole name wins over longer ones that begin so."""
    assert resolve_metric("throughput").name == "throughput_ops_per_second"
    assert resolve_metric("p99_response_time_ms").name == "p99_response_time_ms"
    assert resolve_metric("p99").name == "p99_response_time_ms"


@pytest.mark.parametrize(
    ("asked", "said", "nearest"),
    [
        (
            "troughput_ops",
            "no metric 'troughput_ops'; the nearest are",
            "throughput_ops_per_second",
        ),
        ("p9", "several metrics begin with 'p9'", "p99_9_response_time_ms"),
        ("", "no metric ''", None),
    ],
)
def test_an_unknown_metric_names_the_nearest(asked: str, said: str, nearest: str | None) -> None:
    """Unknown and ambiguous names are one line with names that exist."""
    with pytest.raises(UnknownMetricError) as failure:
        resolve_metric(asked)
    assert str(failure.value).startswith(said)
    assert nearest is None or nearest in failure.value.nearest
