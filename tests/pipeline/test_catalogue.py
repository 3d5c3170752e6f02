"""The catalogue: every built-in scenario is sound, and names become scenarios."""

from pathlib import Path
from typing import get_args

import pytest

from pipeline import catalogue, jobspec
from pipeline.bundle import collect
from pipeline.errors import ScenarioFileError, UnknownNameError
from pipeline.fault import FAULTS, EvictionPolicy, FaultKind
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
RESILIENCE_S = 500
CELL_S = 12
IN_GRIDS = {name for members in catalogue.grids().values() for name in members}
FILES = (*catalogue.grids(), *(name for name in catalogue.names() if name not in IN_GRIDS))
MINE = """
name = "mine"
purpose = "It shows something."
type = "load"
time_s = 1
[[phases]]
name = "load"
load = { operations = 10 }
"""


@pytest.mark.parametrize("several", FILES)
def test_a_built_in_scenario_is_whole(several: str) -> None:
    """It says what it is for, expects something, ends in time and travels unchanged."""
    names = catalogue.expand([several])
    found = {name: catalogue.load(name).scenario() for name in names}
    for name, scenario in found.items():
        assert scenario.name == name
        assert scenario.purpose.endswith(".")
        assert len(scenario.expectations) >= 5
        assert scenario.time_s < scenario.deadline_s
    jobs = plan_run(collect(names), run_id="run", seed=1).jobs
    specs = [jobspec.decode(job.spec) for job in jobs]
    assert {spec.scenario.name: spec.scenario for spec in specs} == found
    shards = [shard for scenario in found.values() for shard in range(scenario.workers)]
    assert [spec.shard for spec in specs] == shards


def test_a_built_in_scenario_watches_what_its_callers_read() -> None:
    """Speed alone is no result: each expects no wrong values or no misplaced ones."""
    for name in catalogue.names():
        expected = {each.metric for each in catalogue.load(name).scenario().expectations}
        assert expected & {"wrong_values", "l1_hit_ratio"}, name


def test_the_seeds_classes_are_all_there() -> None:
    """Each of the nine has its scenario in the quick suite, and so has the trace replay."""
    assert set(catalogue.suites()["quick"]) == SEED_CLASSES | {"trace_replay"}


def test_the_quick_suite_is_quick() -> None:
    """One after another they leave some of the minute to set-up."""
    times_s = [catalogue.load(name).scenario().time_s for name in catalogue.suites()["quick"]]
    assert sum(times_s) <= QUICK_S
    assert max(times_s) <= 5


def test_every_suite_has_members() -> None:
    """A suite of a type holds the scenarios of that type; `all` holds all but the matrix."""
    suites = catalogue.suites()
    kinds = {"integration", "performance", "load", "resilience"}
    assert set(suites) == {"quick", "all", "ycsb", "twitter", "resilience_matrix"} | kinds
    assert all(suites.values())
    matrix = set(suites["resilience_matrix"])
    assert set(suites["all"]) == set(catalogue.names()) - matrix
    assert not matrix & set(suites["resilience"])


def test_the_resilience_suite_breaks_each_thing_once() -> None:
    """One cell a kind of fault, none of it long, all of it within ten minutes with set-up."""
    scenarios = [catalogue.load(name).scenario() for name in catalogue.suites()["resilience"]]
    cells = [scenario for scenario in scenarios if scenario.name.startswith("fault_")]
    broken = [{fault.kind for fault in cell.faults} for cell in cells]
    assert all(len(kinds) == 1 for kinds in broken)
    assert sorted(kind for kinds in broken for kind in kinds) == sorted(get_args(FaultKind))
    assert {cell.name.removeprefix("fault_") for cell in cells} == set(get_args(FaultKind))
    assert max(cell.time_s for cell in cells) <= CELL_S
    assert sum(scenario.time_s for scenario in scenarios) <= RESILIENCE_S


def test_each_fault_has_time_before_and_after_it() -> None:
    """A cell without a second of either would have nothing to compare."""
    for name in catalogue.suites()["resilience"]:
        scenario = catalogue.load(name).scenario()
        for phase in scenario.phases if name.startswith("fault_") else ():
            length_s = getattr(phase.load, "duration_s", None)
            for fault in phase.faults:
                assert fault.at_s >= 1, name
                assert length_s - fault.end_s >= 1, name


def test_the_policies_of_a_full_l2_are_all_tried() -> None:
    """Each of the eight, in one cell."""
    faults = catalogue.load("fault_l2_memory").scenario().faults
    assert [fault.policy for fault in faults] == list(get_args(EvictionPolicy))


def test_the_matrix_has_each_fault_where_its_tier_is() -> None:
    """On each combination of tiers that has what is broken, under both loads."""
    found: dict[str, set[tuple[bool, bool]]] = {}
    for name in catalogue.suites()["resilience_matrix"]:
        scenario = catalogue.load(name).scenario()
        subject = scenario.subject
        tiers = (subject.enable_l2 is not False, subject.enable_l3 is not False)
        assert set(scenario.needs_tiers) == {
            tier for tier, is_on in zip(("l2", "l3"), tiers, strict=True) if is_on
        }
        for fault in scenario.faults:
            found.setdefault(fault.kind, set()).add(tiers)
    both = (True, True)
    wanted = {"l2": {(True, False), both}, "l3": {(False, True), both}}
    everywhere = {*wanted["l2"], *wanted["l3"]}
    assert found == {kind: wanted.get(facts.breaks, everywhere) for kind, facts in FAULTS.items()}


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


@pytest.mark.parametrize("name", [name for name in FILES if name not in catalogue.grids()])
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
    assert tuple(_names(types=("all",))) == catalogue.suites()["all"]


def test_a_type_narrows_what_was_named() -> None:
    """Both together give what is in both."""
    names = _names("quick", types=("resilience",))
    assert set(names) == {"error_handling_resilience", "health_monitoring"}


@pytest.mark.parametrize(
    ("asked", "types", "expected"),
    [
        ("basic_operation", (), "did you mean basic_operations"),
        ("quik", (), "did you mean quick"),
        ("fault_l2_kil", (), "did you mean fault_l2_kill"),
        ("falt_l2", (), "did you mean fault_l2"),
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


def test_a_grid_is_a_name_for_all_of_its_scenarios() -> None:
    """A built-in one by the name of its file; no scenario has the same."""
    assert _names("fault_loader") == [
        "fault_loader_slow",
        "fault_loader_errors",
        "fault_loader_hang",
        "fault_loader_none",
    ]
    assert not set(catalogue.grids()) & {*catalogue.names(), *catalogue.suites()}


def test_a_file_of_the_users_may_hold_a_grid(tmp_path: Path) -> None:
    """All of its scenarios run, and each knows the file that it came from."""
    path = tmp_path / "mine.toml"
    path.write_text(MINE + "[grid.size.small]\n[grid.size.big]\ndata = { keys = 5_000 }\n")
    assert _names(str(path)) == ["mine_small", "mine_big"]
    bundle = collect([str(path)], (), {"l1_max_size": "7"})
    assert [scenario.data.keys for scenario in bundle.scenarios] == [200, 5_000]
    assert set(bundle.sources) == set(bundle.parameters) == {"mine_small", "mine_big"}
    assert len(bundle.files) == 1


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    """The report has one place for each name."""
    path = tmp_path / "mine.toml"
    path.write_text(MINE.replace('"mine"', '"basic_operations"'))
    with pytest.raises(ScenarioFileError, match="two scenarios are called basic_operations"):
        _names(str(path), "basic_operations")
