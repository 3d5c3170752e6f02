"""What is asked of stored runs, and what they answer."""

import pytest

from results.attempt_result import Environment, Observation
from results.errors import NothingComparableError
from results.store import Store
from results.versus.asking import Asked, ask
from results.versus.comparison import Comparison, Finding, compare
from results.versus.estimate import Basis
from results.versus.sides import sides_of
from results.versus.verdicts import Limits
from results.versus.wish import Wish
from results.versus.words import Words
from tests.results.versus.stored import history, measured

P50 = "p50_response_time_ms"
FLAT = [1.0, 1.01, 0.99]


def asked(store: Store, a: str, b: str, wish: Wish | None = None) -> Asked:
    """The questions about two sides."""
    with store.database.read() as connection:
        words = Words(connection, {}.get)
        sides = sides_of(connection, words.choose(a), words.choose(b))
        return ask(connection, sides, wish or Wish())


def compared(store: Store, a: str, b: str) -> Comparison:
    """What they come to."""
    found = asked(store, a, b)
    return compare(found.questions, Limits(machine=found.machine))


def finding(comparison: Comparison, name: str) -> Finding:
    """The one about a metric."""
    return next(each for each in comparison.findings if each.question.name == name)


def test_a_slower_run_is_worse_in_every_way_that_it_shows(store: Store) -> None:
    """Percentiles, the whole distribution and throughput; what is the same stays the same."""
    measured(store, "a", FLAT, at_s=1)
    measured(store, "b", [1.3 * each for each in FLAT], at_s=2)
    found = compared(store, "a", "b")
    worse = {each.question.name for each in found.findings if each.verdict == "worse"}
    assert {"throughput_ops_per_second", P50, "p95_response_time_ms", "times"} <= worse
    assert finding(found, "hit_ratio").verdict == "same"
    of_times = finding(found, "times")
    assert of_times.question.place.operation == "get"
    assert of_times.found.ratio == pytest.approx(1.3, rel=0.02)
    assert of_times.question.shift is not None
    assert of_times.question.shift.ratios[4] == pytest.approx(1.3, rel=0.02)
    assert finding(found, P50).found.samples == (3, 3)


def test_other_runs_of_the_series_say_how_far_runs_differ(store: Store) -> None:
    """Two runs whose repeats agree to 1 %, among others that lie 10 % apart."""
    history(store, [1.0, 1.1, 0.98, 1.12, 1.01, 1.09, 1.0, 1.1])
    found = finding(compared(store, "v1", "v2"), P50)
    assert (found.found.basis, found.verdict) == (Basis.HISTORY, "unknown")
    assert len(found.question.around.history) == 6
    assert finding(compared(store, "v1", "v2"), "times").found.basis is Basis.HISTORY


def test_few_operations_make_a_percentile_unsure(sqlite_store: Store) -> None:
    """The repeats' p99 agree by chance; 1,200 operations do not know it so well."""
    measured(sqlite_store, "a", [1.0, 1.0, 1.0], at_s=1)
    measured(sqlite_store, "b", [1.02, 1.02, 1.02], at_s=2)
    found = finding(compared(sqlite_store, "a", "b"), "p99_response_time_ms")
    assert found.question.around.sampling is not None
    assert found.question.around.sampling > 0.01


def test_subjects_are_paired_by_run_and_repeat(store: Store) -> None:
    """A run ten times as slow as the other says the same of two subjects."""
    both = {"subjects": ("multilevel", "null"), "factors": (1.0, 0.5), "code": "v1"}
    measured(store, "x", FLAT, at_s=1, **both)
    measured(store, "y", [10 * each for each in FLAT], at_s=2, **both)
    found = finding(compared(store, "multilevel", "null"), P50)
    assert found.found.samples == (6, 6)
    assert (found.found.error or 1) < 0.02
    assert found.found.ratio == pytest.approx(0.5, rel=0.01)
    assert found.verdict == "better"
    assert found.question.place.subjects == ("multilevel", "null")


def test_a_slower_machine_is_told(store: Store) -> None:
    """Calibration took 1.4 times as long: times say nothing, hits do."""
    loops = [[Observation(metric="calibration_loop_ms", value=ms)] for ms in (10.0, 14.0)]
    measured(store, "a", FLAT, at_s=1, observed=loops[0])
    measured(store, "b", [1.4 * each for each in FLAT], at_s=2, observed=loops[1])
    assert asked(store, "a", "b").machine == pytest.approx(1.4)
    found = compared(store, "a", "b")
    assert finding(found, P50).reason == "the machine itself was 1.4 times slower for B"
    assert finding(found, "hit_ratio").verdict == "same"
    assert finding(found, "calibration_loop_ms").verdict is None


def test_what_only_the_first_has_is_told_where_both_measured_the_same(sqlite_store: Store) -> None:
    """A figure that is missing beside others is lost; a scenario that is missing is not."""
    recovered = [Observation(metric="health_recovered_s", value=1.0)]
    both = {"subjects": ("multilevel", "null"), "factors": (1.0, 1.0)}
    measured(sqlite_store, "a", FLAT, at_s=1, observed=recovered, **both)
    measured(sqlite_store, "b", FLAT, at_s=2)
    assert asked(sqlite_store, "a", "b").lost == ("health_recovered_s",)
    assert asked(sqlite_store, "b", "a").lost == ()
    assert asked(sqlite_store, "a", "b", Wish(metrics=frozenset([P50]))).lost == ()


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"environment": Environment(environment_class="8 cores", fingerprint={})},
            "they are of different classes of machine, 2 cores and 8 cores, and classes are never",
        ),
        ({"set": {"users": 4}}, 'their scenarios were set differently, {} and {"users": 4}'),
        ({"subjects": ("null",)}, "they measured different subjects, multilevel and null"),
    ],
)
def test_what_is_never_mixed(sqlite_store: Store, changes: dict[str, object], line: str) -> None:
    """Classes of machine, settings and subjects: it says which of them differs."""
    measured(sqlite_store, "a", FLAT, at_s=1)
    measured(sqlite_store, "b", FLAT, at_s=2, **changes)
    with pytest.raises(NothingComparableError) as error:
        asked(sqlite_store, "a", "b")
    assert line in str(error.value)


def test_series_of_one_side_are_counted(sqlite_store: Store) -> None:
    """They are compared with nothing, and nobody overlooks them."""
    measured(sqlite_store, "a", FLAT, at_s=1)
    both = {"subjects": ("multilevel", "null"), "factors": (1.0, 1.0)}
    measured(sqlite_store, "b", FLAT, at_s=2, **both)
    only_a, only_b = asked(sqlite_store, "a", "b").only
    assert only_a == 0
    assert only_b > 10


def test_what_was_wished_for_alone(sqlite_store: Store) -> None:
    """Metrics, scenarios and phases that were not asked for take no part."""
    measured(sqlite_store, "a", FLAT, at_s=1)
    measured(sqlite_store, "b", FLAT, at_s=2)
    found = asked(sqlite_store, "a", "b", Wish(metrics=frozenset({P50, "times"}), phase="load"))
    assert [each.name for each in found.questions] == [P50, "times"]
    assert found.questions[0].place.phase == "load"
    with pytest.raises(NothingComparableError, match="run a has no figures of what was asked for"):
        asked(sqlite_store, "a", "b", Wish(scenario="stampede*"))
