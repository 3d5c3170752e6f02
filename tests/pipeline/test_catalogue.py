"""The catalogue: every built-in scenario is sound, and names become scenarios."""

from pathlib import Path
from typing import get_args

import pytest

from pipeline import catalogue, jobspec
from pipeline.bundle import collect
from pipeline.errors import ScenarioFileError, UnknownNameError
from pipeline.load import Arrivals, ClosedLoad, OpenLoad, Operation, TraceLoad, Work
from pipeline.plan import plan_run

SEED_CLASSES = {
    "basic_operations",
    "multi_level_behavior",
    "intelligent_warming",
    "enhanced_statistics",
    "error_handling_resilience",
    "performance_characteristics",
    "health_monitoring",
    "system_integration",
    "performance_benchmarking",
}
QUICK_S = 35
MINE = """
name = "mine"
purpose = "It shows something."
type = "load"
time_s = 1
[[phases]]
name = "load"
load = { operations = 10 }
"""


@pytest.mark.parametrize("name", catalogue.names())
def test_a_built_in_scenario_is_whole(name: str) -> None:
    """It says what it is for, expects something, ends in time and travels unchanged."""
    scenario = catalogue.load(name).scenario()
    assert scenario.name == name
    assert scenario.purpose.endswith(".")
    assert len(scenario.expectations) >= 5
    assert scenario.time_s < scenario.deadline_s
    jobs = plan_run(collect([name]), run_id="run", seed=1).jobs
    specs = [jobspec.decode(job.spec) for job in jobs]
    assert {spec.scenario.name: spec.scenario for spec in specs} == {name: scenario}
    assert sorted(spec.shard for spec in specs) == list(range(scenario.workers))


@pytest.mark.parametrize("name", catalogue.names())
def test_a_built_in_scenario_watches_what_its_callers_read(name: str) -> None:
    """Speed alone is no result: each expects no wrong values or no misplaced ones."""
    expected = {each.metric for each in catalogue.load(name).scenario().expectations}
    assert expected & {"wrong_values", "l1_hit_ratio"}


def test_the_seeds_classes_are_all_there() -> None:
    """Each of the nine has its scenario in the quick suite, and so has the trace replay."""
    assert set(catalogue.suites()["quick"]) == SEED_CLASSES | {"trace_replay"}


def test_the_quick_suite_is_quick() -> None:
    """One after another they leave some of the minute to set-up."""
    times_s = [catalogue.load(name).scenario().time_s for name in catalogue.suites()["quick"]]
    assert sum(times_s) <= QUICK_S
    assert max(times_s) <= 5


def test_every_suite_has_members() -> None:
    """A suite of a type holds the scenarios of that type; `all` holds all."""
    suites = catalogue.suites()
    kinds = {"integration", "performance", "load", "resilience"}
    assert set(suites) == {"quick", "all", "ycsb", "twitter"} | kinds
    assert all(suites.values())
    assert suites["all"] == catalogue.names()


def test_every_kind_of_load_and_arrival_has_a_scenario() -> None:
    """Nothing that a scenario can say goes unshown: loads, arrivals, operations, sizes, TTLs."""
    scenarios = catalogue.resolve(["all"])
    loads = [phase.load for scenario in scenarios for phase in scenario.phases]
    assert {load.kind for load in loads} == {"closed", "open", "search", "trace"}
    arrivals = {load.arrivals for load in loads if isinstance(load, OpenLoad)}
    assert arrivals == set(get_args(Arrivals))
    operations = {name for load in loads if isinstance(load, Work) for name in load.mix}
    assert operations == set(get_args(Operation))
    sizes = {each.data.sizes.distribution for each in scenarios if each.data.sizes is not None}
    assert sizes == {"fixed", "lognormal"}
    assert any(len(scenario.data.ttls) > 1 for scenario in scenarios)


def test_the_seeds_load_tests_are_what_they_were() -> None:
    """A hundred users with a hundred operations each; users side by side; a load that lasts."""
    (phase,) = catalogue.load("high_concurrency").scenario().phases
    assert isinstance(phase.load, ClosedLoad)
    assert (phase.load.users, phase.load.operations) == (100, 100)
    concurrent, sustained = (
        catalogue.load(name).scenario().phases[-1].load
        for name in ("concurrent_load", "sustained_load")
    )
    assert isinstance(concurrent, ClosedLoad)
    assert isinstance(sustained, ClosedLoad)
    assert concurrent.operations == 100
    assert sustained.duration_s == 15


def test_every_fault_kind_has_a_scenario() -> None:
    """Nothing that workers can break goes unshown."""
    scenarios = catalogue.resolve(["all"])
    kinds = {fault.kind for s in scenarios for phase in s.phases for fault in phase.faults}
    assert kinds == {"l2_kill", "l2_stop"}


def test_the_trace_replay_is_what_a_simulation_can_follow() -> None:
    """One user, no TTL in L1, no warming; a synthetic trace where none is given."""
    scenario = catalogue.load("trace_replay").scenario()
    assert scenario.subject.preset == "warming_disabled"
    assert scenario.subject.l1_default_ttl == "none"
    (phase,) = scenario.phases
    assert isinstance(phase.load, TraceLoad)
    assert phase.load.trace is None


def test_the_integration_load_is_fixed_and_paced() -> None:
    """The same operations each time, and no faster than its think time lets it."""
    load = catalogue.load("system_integration").scenario().phases[-1].load
    assert load.kind == "closed"
    assert load.operations is not None
    assert 4 <= load.operations * load.think_time_s <= 6


@pytest.mark.parametrize("name", catalogue.names())
def test_expected_counts_are_those_that_the_load_makes(name: str) -> None:
    """Where a scenario states a phase's operations, its users really do that many."""
    scenario = catalogue.load(name).scenario()
    made: dict[str | None, float] = {
        phase.name: float(phase.load.users * phase.load.operations)
        for phase in scenario.phases
        if isinstance(phase.load, ClosedLoad) and phase.load.operations and not phase.warmup
    }
    made[None] = sum(made.values())
    stated = {
        expectation.phase: expectation.equals
        for expectation in scenario.expectations
        if expectation.metric == "operations" and expectation.equals is not None
    }
    assert stated == {phase: made[phase] for phase in stated}


def _names(*asked: str, types: tuple[str, ...] = ()) -> list[str]:
    return [scenario.name for scenario in catalogue.resolve(asked, types)]


def test_names_and_suites_give_each_scenario_once() -> None:
    """A scenario that is asked for twice runs once, where it was named first."""
    names = _names("trace_replay", "quick", "basic_operations")
    assert names[0] == "trace_replay"
    assert len(names) == len(set(names)) == len(catalogue.suites()["quick"])


def test_nothing_asked_is_the_quick_suite() -> None:
    """Without names and types it is `quick`; a type alone is all of that type."""
    assert tuple(_names()) == catalogue.suites()["quick"]
    assert tuple(_names(types=("load",))) == catalogue.suites()["load"]
    assert tuple(_names(types=("all",))) == catalogue.names()


def test_a_type_narrows_what_was_named() -> None:
    """Both together give what is in both."""
    names = _names("quick", types=("resilience",))
    assert set(names) == {"error_handling_resilience", "health_monitoring"}


@pytest.mark.parametrize(
    ("asked", "types", "expected"),
    [
        ("basic_operation", (), "did you mean basic_operations"),
        ("quik", (), "did you mean quick"),
        ("quick", ("lode",), "did you mean load"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(
    asked: str, types: tuple[str, ...], expected: str
) -> None:
    """One line, whatever kind of name it is."""
    with pytest.raises(UnknownNameError, match=expected):
        catalogue.resolve([asked], types)


def test_an_override_goes_to_those_that_know_it() -> None:
    """`users` means nothing to the trace replay, which runs all the same."""
    scenarios = catalogue.resolve(["basic_operations", "trace_replay"], (), {"users": "7"})
    load = scenarios[0].phases[-1].load
    assert load.kind == "closed"
    assert load.users == 7


def test_an_override_that_nobody_knows_is_told() -> None:
    """A misspelt `--set` does not run half the suite first."""
    with pytest.raises(UnknownNameError, match="did you mean users"):
        catalogue.resolve(["quick"], (), {"user": "7"})


def test_a_file_of_the_users_stands_beside_built_in_ones(tmp_path: Path) -> None:
    """A path is a name too."""
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    assert _names(str(path), "basic_operations") == ["mine", "basic_operations"]


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    """The report has one place for each name."""
    path = tmp_path / "mine.toml"
    path.write_text(MINE.replace('"mine"', '"basic_operations"'))
    with pytest.raises(ScenarioFileError, match="two scenarios are called basic_operations"):
        _names(str(path), "basic_operations")
