"""Changes of stored series, on SQLite and PostgreSQL."""

from typing import Any

import pytest

from results import marks
from results.detection import Detection, detect
from results.errors import UnknownRunError
from results.known_changes import forget, known_changes, remember, runs_named
from results.series import Selection
from results.store import Store
from tests.support.histories import DAY_S, FIRST_S, store_history

QUICK = [1.0, 1.01, 0.99, 1.0, 1.02, 0.98, 1.0, 1.01, 0.99, 1.0]
SLOW = [value * 1.2 for value in QUICK]
P50, RATE = "p50_response_time_ms", "throughput_ops_per_second"


def _detect(store: Store, **wanted: Any) -> Detection:
    return detect(store, Selection(**wanted))


def test_a_change_has_its_runs_versions_and_direction(store: Store) -> None:
    """A time that grows is worse, a throughput that grows is better."""
    store_history(store, {P50: QUICK + SLOW, RATE: QUICK + SLOW})
    found = _detect(store)
    by_metric = {change.series.key.metric: change for change in found.changes}
    assert found.judged == 2
    assert {name: change.worse for name, change in by_metric.items()} == {P50: True, RATE: False}
    change = by_metric[P50]
    assert (change.run.run_id, change.run.code_version.name) == ("run-11", "v11")
    assert (change.last_before.run_id, change.first_after.run_id) == ("run-10", "run-11")
    assert change.found.ratio == pytest.approx(1.2)
    assert not change.fresh
    assert found.regressed


def test_changes_at_one_run_are_one_group(sqlite_store: Store) -> None:
    """Those of another subject are not; the worst come first."""
    many = {P50: QUICK + SLOW, "p95_response_time_ms": QUICK + [2 * each for each in SLOW]}
    store_history(sqlite_store, {**many, RATE: QUICK + SLOW})
    store_history(
        sqlite_store, {P50: QUICK + [3 * each for each in QUICK]}, runs_too=False, subject="null"
    )
    groups = _detect(sqlite_store).groups
    told = [[each.series.key.metric for each in group.changes] for group in groups]
    assert told == [[P50], ["p95_response_time_ms", P50, RATE]]
    assert [group.changes[0].series.key.subject for group in groups] == ["null", "multilevel"]


def test_changes_apart_are_groups_of_their_own(sqlite_store: Store) -> None:
    """A regression stands before what got better, however large that was."""
    slower_still = [each * 1.1 for each in SLOW]
    store_history(sqlite_store, {P50: SLOW + QUICK + slower_still})
    worse, better = _detect(sqlite_store).groups
    assert (worse.changes[0].run.run_id, better.changes[0].run.run_id) == ("run-21", "run-11")
    assert (worse.counts, better.counts) == (True, False)


@pytest.mark.parametrize("afterwards", [1.0, 1.04, 1.1])
def test_a_regression_that_was_taken_back_is_mended(sqlite_store: Store, afterwards: float) -> None:
    """Where three quarters of it are gone by the end; what is left of the others still counts."""
    mended = afterwards < 1 + 0.3 / 4
    slow = [each * 1.3 for each in QUICK]
    store_history(sqlite_store, {P50: QUICK + slow + [each * afterwards for each in QUICK]})
    found = _detect(sqlite_store)
    first, second = found.changes
    assert (first.worse, first.mended, second.worse, second.mended) == (True, mended, False, False)
    assert found.regressed is not mended


def test_what_takes_no_part_changes_nothing(store: Store) -> None:
    """Neither excluded runs nor shared repeats; runs between are told from those that do."""
    store_history(store, {P50: [*QUICK, 9.0, 9.0, 9.0, *SLOW]})
    for number in (11, 12, 13):
        marks.exclude(store, f"run-{number}", "the disk was full")
    (change,) = _detect(store).changes
    assert (change.last_before.run_id, change.run.run_id) == ("run-10", "run-14")
    store_history(store, {P50: [5.0] * 23}, runs_too=False, shared=True, subject="null")
    alone = _detect(store, subject="null")
    assert (alone.judged, len(alone.too_short)) == (0, 1)


def test_a_change_in_the_last_runs_is_fresh(sqlite_store: Store) -> None:
    """With five runs behind it it is, with six it is not."""
    store_history(sqlite_store, {P50: QUICK + SLOW[:5], RATE: [1.0, *QUICK[:8], *SLOW[:6]]})
    fresh = {each.series.key.metric: each.fresh for each in _detect(sqlite_store).changes}
    assert fresh == {P50: True, RATE: False}


def test_last_runs_that_lie_off_are_unconfirmed(sqlite_store: Store) -> None:
    """They are no change yet; it is told how many more runs decide and where they lie."""
    store_history(sqlite_store, {P50: [*QUICK, 2.0], RATE: [*QUICK, 2.0]})
    found = _detect(sqlite_store)
    assert found.changes == ()
    assert not found.regressed
    told = [(each.points[0].run_id, each.more, each.worse) for each in found.unconfirmed]
    assert told == [("run-11", 2, False), ("run-11", 2, True)]
    assert {each.level for each in found.unconfirmed} == {1.0}


def test_short_series_are_not_judged(sqlite_store: Store) -> None:
    """Below six runs that take part there is nothing to say."""
    store_history(sqlite_store, {P50: QUICK[:5]})
    found = _detect(sqlite_store)
    assert (found.judged, found.changes) == (0, ())
    assert [len(each.counted) for each in found.too_short] == [5]
    assert _detect(sqlite_store, scenario="none").too_short == ()


def test_runs_before_their_commit_are_told(sqlite_store: Store) -> None:
    """A clock went backwards; a few seconds between two machines' clocks are nothing."""
    at_s = [FIRST_S + number * DAY_S for number in range(10)]
    late = {3: {"code_committed_at": at_s[3] + 60}, 5: {"code_committed_at": at_s[5] + 5}}
    store_history(sqlite_store, {P50: QUICK, RATE: QUICK}, changes=late)
    assert [point.run_id for point in _detect(sqlite_store).early_runs] == ["run-4"]


def test_a_known_change_counts_no_more(store: Store) -> None:
    """In its own series, also where more runs move its place by a few; then it can be forgotten."""
    store_history(store, {P50: QUICK + SLOW, RATE: SLOW + QUICK})
    first = _detect(store, metrics=(P50,)).changes[0]
    remember(store, [(first.series.key, "run-13")], "checksums cost that much")
    found = _detect(store)
    known = {change.series.key.metric: change.known for change in found.changes}
    assert known[RATE] is None
    assert known[P50] is not None
    assert known[P50].reason == "checksums cost that much"
    assert found.regressed
    assert not _detect(store, metrics=(P50,)).regressed
    forget(store, [known[P50].number])
    assert _detect(store, metrics=(P50,)).regressed


def test_an_acknowledgement_far_off_is_of_another_change(store: Store) -> None:
    """Three runs away is near, four are not; nor is one of another phase."""
    store_history(store, {P50: QUICK + SLOW})
    key = _detect(store).changes[0].series.key
    remember(store, [(key, "run-7"), (key, "run-15")], "another")
    assert _detect(store).regressed
    with store.database.read() as connection:
        assert [each.run_id for each in known_changes(connection)] == ["run-7", "run-15"]
    remember(store, [(key, "run-8")], "this one")
    assert not _detect(store).regressed


def test_a_run_is_named_by_its_id_or_its_version(sqlite_store: Store) -> None:
    """All runs of a version, also by the part that only one begins with; an id goes first."""
    versions = {2: {"code_name": "v1"}, 4: {"code_name": "abcdef0123"}, 5: {"code_name": "abc"}}
    store_history(sqlite_store, {P50: QUICK}, changes=versions)
    assert runs_named(sqlite_store, "run-2") == {"run-2"}
    assert runs_named(sqlite_store, "v1") == {"run-1", "run-3"}
    assert runs_named(sqlite_store, "abcdef") == {"run-5"}
    assert runs_named(sqlite_store, "abc") == {"run-6"}
    for unknown in ("v99", "ab", "v"):
        with pytest.raises(UnknownRunError, match="the newest are run-10"):
            runs_named(sqlite_store, unknown)
