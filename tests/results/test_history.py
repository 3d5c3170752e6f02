"""A metric by periods: any percentile after the fact, and what it was at some time."""

import pytest

from results import marks
from results.aggregate import aggregate
from results.asked import resolve
from results.attempt_result import Environment
from results.history import History, Question, find_history
from results.records import CodeVersion
from results.series import Selection
from results.store import Store
from tests.results.build import a_result, an_interval, complete_run

DAY_S = 86_400.0
MONDAY_S = 1_704_067_200.0  # 2024-01-01


def stored_run(
    store: Store, run_id: str, *times_ms: float, day: float = 0, **changes: object
) -> None:
    """An aggregated run of a commit of some day, whose only repeat saw these times."""
    version = CodeVersion(name=f"commit-{run_id}", committed_at_s=MONDAY_S + day * DAY_S)
    results = [a_result(intervals=(an_interval(*times_ms),), **changes)]
    complete_run(store, results, run_id=run_id, asked={"code_version": version})
    aggregate(store, run_id)


def asked_for(store: Store, metric: str, **question: object) -> list[History]:
    """What is known of a metric."""
    return find_history(store, Question(asked=resolve(metric), **question))  # type: ignore[arg-type]


def test_any_percentile_after_the_fact(store: Store) -> None:
    """Of all times of a period together, never of percentiles."""
    stored_run(store, "a", *range(1, 101))
    stored_run(store, "b", *range(101, 201), day=1)
    (history,) = asked_for(store, "p30")
    assert [round(period.value) for period in history.periods] == [30, 130]
    (merged,) = asked_for(store, "p75", by="month")
    (period,) = merged.periods
    assert (period.name, period.runs, period.operations) == ("2024-01", ("a", "b"), 200)
    assert round(period.value) == 150
    assert (round(period.least), round(period.greatest)) == (75, 175)


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("run", ["a", "b", "c"]),
        ("commit", ["commit-a", "commit-b", "commit-c"]),
        ("day", ["2024-01-01", "2024-01-07", "2024-01-08"]),
        ("week", ["2024-W01", "2024-W02"]),
        ("month", ["2024-01"]),
    ],
)
def test_periods(sqlite_store: Store, by: str, names: list[str]) -> None:
    """Runs, code versions, days, weeks and months, by when the code was committed."""
    for run_id, day in (("a", 0.5), ("b", 6.9), ("c", 7.1)):
        stored_run(sqlite_store, run_id, 1.0, day=day)
    (history,) = asked_for(sqlite_store, "p50", by=by)
    assert [period.name for period in history.periods] == names


def test_what_it_was_at_some_time(store: Store) -> None:
    """The newest period of what there was then."""
    for day, run_id in enumerate("abc"):
        stored_run(store, run_id, day + 1.0, day=day)
    (then,) = asked_for(store, "max_response_time_ms", at_s=MONDAY_S + DAY_S, newest=1)
    assert [period.runs for period in then.periods] == [("b",)]
    assert asked_for(store, "p50", at_s=MONDAY_S - 1) == []


def test_a_stored_figure_by_its_median(sqlite_store: Store) -> None:
    """What no histogram tells is the median of its runs, with their spread."""
    for run_id, time_ms in (("a", 1.0), ("b", 5.0), ("c", 2.0)):
        stored_run(sqlite_store, run_id, time_ms)
    (history,) = asked_for(sqlite_store, "avg_response_time_ms", by="day")
    (period,) = history.periods
    assert (period.value, period.least, period.greatest, period.operations) == (2, 1, 5, None)


def test_what_takes_no_part_is_left_out(store: Store) -> None:
    """Excluded runs, and other classes of machine."""
    stored_run(store, "good", 1.0)
    stored_run(store, "bad", 9.0)
    stored_run(store, "far", 5.0, environment=Environment(environment_class="64", fingerprint={}))
    marks.exclude(store, "bad", "swapping")
    near, far = asked_for(store, "p100", by="month")
    assert [period.runs for period in near.periods] == [("good",)]
    assert [period.runs for period in far.periods] == [("far",)]


def test_operations_tiers_and_phases(sqlite_store: Store) -> None:
    """Only the times that are asked for."""
    other = an_interval(7.0, operation="set", tier="l2")
    complete_run(sqlite_store, [a_result(intervals=(an_interval(1.0), other))])
    aggregate(sqlite_store, "run-1")
    for wanted, value in (({"operation": "get"}, 1), ({"tier": "l2"}, 7)):
        (history,) = asked_for(sqlite_store, "p100", **wanted)
        assert history.periods[0].value == value
    (in_phase,) = asked_for(sqlite_store, "p100", wanted=Selection(phase="load"))
    assert in_phase.key.phase == "load"


def test_runs_whose_times_are_gone_are_named(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their stored figures are still there; no percentile can be made of them."""
    stored_run(sqlite_store, "a", 1.0)
    monkeypatch.setattr("results.history.times_of_runs", lambda *_, **__: [])
    (history,) = asked_for(sqlite_store, "p50")
    assert (history.periods, history.without_times) == ((), ("a",))
