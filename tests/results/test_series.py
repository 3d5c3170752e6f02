"""Series on SQLite and PostgreSQL: points in the order of time, never mixed."""

import json
from typing import Any

from sqlalchemy import update

from results import marks
from results.aggregate import aggregate
from results.attempt_result import Environment
from results.records import CodeVersion
from results.series import Point, Selection, Series, find_series, other_units
from results.store import Store
from results.tables import kinds, runs
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


def series_of(store: Store, metric: str, **wanted: Any) -> list[Series]:
    """The series of one metric."""
    return find_series(store, Selection(metrics=(metric,), **wanted))


def points_of(store: Store, metric: str, **wanted: Any) -> list[Point]:
    """The points of all of its series."""
    return [point for each in series_of(store, metric, **wanted) for point in each.points]


def test_a_point_a_run_with_the_spread_of_its_repeats(store: Store) -> None:
    """The value is the median of the repeats, and least and greatest are beside it."""
    finished_run(store, "first", 1.0, 5.0, 2.0)
    finished_run(store, "second", 4.0)
    first, second = points_of(store, "max_response_time_ms")
    assert (first.run_id, second.run_id) == ("first", "second")
    assert (first.value, first.values, first.repeats) == (2, (1, 5, 2), (0, 1, 2))
    assert (second.value, second.values, second.repeats) == (4, (4,), (0,))
    assert (first.code_version.name, first.code_version.dirty) == ("abc1234", False)
    assert first.created_at_s < second.created_at_s
    assert first.counts


def test_points_are_by_scenario_and_subject_then_time(store: Store) -> None:
    """Each series stands together, its points in the order of time."""
    for number, run_id in enumerate(("z", "y", "x")):
        for scenario in ("b", "a"):
            finished_run(store, f"{run_id}-{scenario}", number + 1.0, scenario=scenario)
    points = points_of(store, "max_response_time_ms")
    assert [point.run_id for point in points] == ["z-a", "y-a", "x-a", "z-b", "y-b", "x-b"]
    assert [point.run_id for point in points_of(store, "max_response_time_ms", scenario="b")] == [
        "z-b",
        "y-b",
        "x-b",
    ]
    assert points_of(store, "max_response_time_ms", subject="null") == []


def test_the_last_runs_of_each_series(store: Store) -> None:
    """Each scenario has its own newest runs, all their repeats included."""
    for run_id in ("one", "two", "three"):
        finished_run(store, run_id, 1.0, 2.0)
    finished_run(store, "other", 1.0, scenario="trace_replay")
    points = points_of(store, "throughput_ops_per_second", last=2)
    assert [point.run_id for point in points] == ["two", "three", "other"]
    assert points[0].repeats == (0, 1)


def test_runs_of_some_time(store: Store) -> None:
    """Since a moment, or until before it, by when the database created them."""
    finished_run(store, "old", 1.0)
    finished_run(store, "new", 1.0)
    with store.database.write() as connection:
        created_at = runs.c.created_at - 7200
        connection.execute(update(runs).where(runs.c.run_id == "old").values(created_at=created_at))
    hour_ago_s = store.now_s() - 3600
    throughput = "throughput_ops_per_second"
    assert [point.run_id for point in points_of(store, throughput, since_s=hour_ago_s)] == ["new"]
    assert [point.run_id for point in points_of(store, throughput, until_s=hour_ago_s)] == ["old"]


def test_classes_of_machines_are_never_mixed(store: Store) -> None:
    """A run whose repeats ran on two classes of machine has a point in each."""
    other = Environment(environment_class="64 cores", fingerprint={})
    complete_run(store, [a_result(), a_result(environment=other), a_result()])
    aggregate(store, "run-1")
    found = series_of(store, "operations")
    assert [(each.key.environment_class, each.points[0].repeats) for each in found] == [
        ("2 cores", (0, 2)),
        ("64 cores", (1,)),
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
    points = points_of(store, "throughput_ops_per_second")
    assert [point.run_id for point in points] == [
        *("default-1", "default-2"),
        *("own-1", "own-2"),
        "other",
    ]
    own = series_of(store, "throughput_ops_per_second")[1].key.parameters
    assert json.loads(own) == {"trace": "web07.trace@0123", "users": 4}
    newest = [point.run_id for point in points_of(store, "throughput_ops_per_second", last=1)]
    assert newest == ["default-2", "own-2", "other"]


def test_only_accepted_attempts_make_a_point(store: Store) -> None:
    """An invalid repeat takes no part in the run's figure."""
    jobs = [a_job(position=position, repeat=position, max_attempts=1) for position in range(2)]
    plan(store, jobs, repeats=2)
    complete(store, jobs[0], a_result(intervals=(an_interval(2.0),)))
    complete(store, jobs[1], a_result(intervals=(an_interval(9.0),), invalid_reason="saturated"))
    aggregate(store, "run-1")
    (point,) = points_of(store, "max_response_time_ms")
    assert (point.value, point.repeats) == (2, (0,))


def test_a_point_that_shared_its_machine_says_so(store: Store) -> None:
    """Overlapping attempts mark their point."""
    jobs = [a_job(position=position, repeat=position) for position in range(2)]
    plan(store, jobs)
    for claim in [take(store, job) for job in jobs]:
        store.finish(claim.attempt_id, a_result())
    aggregate(store, "run-1")
    (point,) = points_of(store, "throughput_ops_per_second")
    assert (point.values, point.shared_values, point.value) == ((), (1, 1), 1)
    assert not point.counts


def test_runs_without_the_figure_have_no_point(store: Store) -> None:
    """Failed and open runs, and figures that were not seen, leave no gap and no zero."""
    job = a_job("failed")
    plan(store, [job])
    complete(store, job, a_result(error="boom"))
    aggregate(store, "failed")
    plan(store, [a_job("open")])
    complete_run(store, [a_result(phases=(a_span(2.0),))])
    aggregate(store, "run-1")
    assert [point.value for point in points_of(store, "throughput_ops_per_second")] == [0.5]
    assert points_of(store, "hit_ratio") == []


def test_points_are_ordered_by_when_their_code_was_committed(store: Store) -> None:
    """Older code that is measured later comes first; without a commit a run's own time counts."""
    for run_id, committed_at_s in (("new", 2e9), ("old", 1e9), ("none", None), ("same", 1e9)):
        version = CodeVersion(name=run_id, committed_at_s=committed_at_s)
        finished_run(store, run_id, 1.0, asked={"code_version": version})
    points = points_of(store, "operations")
    assert [point.run_id for point in points] == ["old", "same", "none", "new"]


def test_runs_are_found_by_branch_and_labels(store: Store) -> None:
    """All labels that are asked for, whatever is in their texts."""
    odd = {"it's": 'a "b" %', "x.y": "1", "größe": "é", 'we"ird\\\t': "1"}
    finished_run(store, "one", 1.0, asked={"labels": odd})
    finished_run(store, "two", 1.0, asked={"labels": {"x.y": "1"}})
    branch = CodeVersion(name="c", branch="feature/x")
    finished_run(store, "three", 1.0, asked={"code_version": branch})

    def found(**wanted: Any) -> list[str]:
        return [point.run_id for point in points_of(store, "operations", **wanted)]

    assert found(labels={"x.y": "1"}) == ["one", "two"]
    assert found(labels=odd) == ["one"]
    assert found(labels={"x": "1"}) == []
    assert found(branch="feature/x") == ["three"]
    assert found(run_ids=("two", "three")) == ["two", "three"]


def test_an_excluded_run_stays_visible_and_takes_no_part(store: Store) -> None:
    """It has its point with the reason, until it takes part again."""
    finished_run(store, "good", 1.0)
    finished_run(store, "bad", 9.0)
    marks.exclude(store, "bad", "the machine was swapping")
    (series,) = series_of(store, "max_response_time_ms")
    assert [point.excluded for point in series.points] == [None, "the machine was swapping"]
    assert [point.run_id for point in series.counted] == ["good"]
    marks.exclude(store, "bad", None)
    (series,) = series_of(store, "max_response_time_ms")
    assert len(series.counted) == 2


def test_a_phase_is_a_series_of_its_own(store: Store) -> None:
    """Figures of one phase are never mixed with those of all together."""
    first, second = an_interval(1.0), an_interval(3.0, phase="other")
    spans = (a_span(1.0), a_span(1.0, "other"))
    complete_run(store, [a_result(intervals=(first, second), phases=spans)])
    aggregate(store, "run-1")
    maximum = "max_response_time_ms"
    assert [point.value for point in points_of(store, maximum)] == [3]
    assert [point.value for point in points_of(store, maximum, phase="load")] == [1]
    assert series_of(store, maximum, phase="load")[0].key.phase == "load"


def test_patterns_of_scenarios_and_several_metrics(store: Store) -> None:
    """By scenario, then subject, then in the order of the table of metrics."""
    for scenario in ("l2_stop", "l2_kill", "stampede"):
        finished_run(store, scenario, 1.0, scenario=scenario)
    wanted = Selection(metrics=("operations", "p50_response_time_ms"), scenario="l2_*")
    found = [(each.key.scenario, each.key.metric) for each in find_series(store, wanted)]
    assert found == [
        *(("l2_kill", "p50_response_time_ms"), ("l2_kill", "operations")),
        *(("l2_stop", "p50_response_time_ms"), ("l2_stop", "operations")),
    ]
    everything = find_series(store, Selection(subject="multi*"))
    assert len({each.key.metric for each in everything}) > 10
    assert find_series(store, Selection(scenario="l3_*")) == []


def test_a_metric_that_changed_its_unit_is_never_mixed(store: Store) -> None:
    """What was stored in another unit is left out, and can be told."""
    finished_run(store, "before", 1.0)
    with store.database.write() as connection:
        of_p50 = kinds.c.name == "p50_response_time_ms"
        connection.execute(update(kinds).where(of_p50).values(unit="us"))
    finished_run(store, "after", 2.0)
    points = points_of(store, "p50_response_time_ms")
    assert [(point.run_id, round(point.value)) for point in points] == [("after", 2)]
    assert other_units(store, ["p50_response_time_ms", "operations"]) == {
        "p50_response_time_ms": {"us"}
    }
