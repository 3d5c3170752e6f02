"""Planning: the same request gives the same jobs, in an order that is fair to all."""

import dataclasses
from datetime import UTC, datetime

import pytest

from pipeline import jobspec
from pipeline.bundle import Bundle, collect
from pipeline.errors import JobSpecError, TooManyJobsError, UnknownNameError
from pipeline.plan import Plan, new_run_id, plan_run, renamed, scenario_seed
from results.records import CodeVersion, Job

NAMES = ("basic_operations", "trace_replay")


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """Two built-in scenarios."""
    return collect(NAMES)


def _plan(bundle: Bundle, **changes: object) -> Plan:
    given = {"run_id": "run", "seed": 7, "names": NAMES, "subjects": ("multilevel", "null")}
    return plan_run(bundle, **(given | {"repeats": 2} | changes))


def _turn(job: Job) -> tuple[int, str, str]:
    return job.repeat, job.scenario, job.subject


def test_repeats_and_subjects_are_interleaved(bundle: Bundle) -> None:
    """A B B A: a machine that slows down evenly in the course of a run slows all subjects alike."""
    jobs = _plan(bundle).jobs
    assert [_turn(job) for job in jobs] == [
        (repeat, scenario, subject)
        for repeat, subjects in ((0, ("multilevel", "null")), (1, ("null", "multilevel")))
        for scenario in NAMES
        for subject in subjects
    ]
    assert [job.position for job in jobs] == list(range(8))


@pytest.mark.parametrize(
    ("writers", "roles"),
    [(None, ["load"] * 3), (1, ["writer", "reader", "reader"])],
)
def test_a_scenario_of_several_workers_is_a_group_of_jobs(
    bundle: Bundle, writers: int | None, roles: list[str]
) -> None:
    """Each repeat on each subject is a group, whose shards differ in number and role alone."""
    first, second = bundle.scenarios
    several = dataclasses.replace(second, workers=3, writers=writers)
    plan = _plan(dataclasses.replace(bundle, scenarios=(first, several)), repeats=1)
    assert plan.workers_at_once == 3
    assert [job.position for job in plan.jobs] == list(range(2 + 2 * 3))
    groups = [plan.jobs[:1], plan.jobs[1:2], plan.jobs[2:5], plan.jobs[5:]]
    for group in groups:
        assert {job.group for job in group} == {group[0].job_id}
        assert [job.shard for job in group] == list(range(len(group)))
        specs = [jobspec.decode(job.spec) for job in group]
        assert [spec.shard for spec in specs] == list(range(len(group)))
        assert len({repr(dataclasses.replace(spec, shard=0)) for spec in specs}) == 1
    assert [job.role for job in groups[2]] == roles


def test_a_plan_says_how_many_workers_it_needs_at_once(bundle: Bundle) -> None:
    """One is enough for scenarios of one worker, however many jobs there are."""
    assert _plan(bundle).workers_at_once == 1


def test_jobs_know_which_code_is_measured(bundle: Bundle) -> None:
    """So that its fingerprint can hold it beside the library versions."""
    version = CodeVersion(name="abc1234", dirty=True)
    spec = jobspec.decode(_plan(bundle, code_version=version).jobs[0].spec)
    assert (spec.code_version, spec.dirty) == ("abc1234", True)


def test_every_job_is_one_of_its_kind(bundle: Bundle) -> None:
    """Each has an id and a group of its own."""
    jobs = _plan(bundle).jobs
    assert len({job.job_id for job in jobs}) == len({job.group for job in jobs}) == len(jobs)
    assert {job.run_id for job in jobs} == {"run"}


def test_a_plan_has_no_chance_in_it(bundle: Bundle) -> None:
    """The same request is the same plan."""
    assert _plan(bundle) == _plan(bundle)


def test_a_scenario_has_one_seed_over_repeats_and_subjects(bundle: Bundle) -> None:
    """What is compared has met the same load; other scenarios and runs have not."""
    seeds = {(job.scenario, jobspec.decode(job.spec).seed) for job in _plan(bundle).jobs}
    assert seeds == {(name, scenario_seed(7, name)) for name in NAMES}
    assert len({seed for _, seed in seeds}) == 2
    assert scenario_seed(8, NAMES[0]) != scenario_seed(7, NAMES[0])


def test_a_job_says_what_storing_and_judging_need(bundle: Bundle) -> None:
    """Its deadline and expectations are the scenario's."""
    job, scenario = _plan(bundle).jobs[0], bundle.scenarios[0]
    assert job.deadline_s == scenario.deadline_s
    assert job.expectations == scenario.expectations
    assert jobspec.decode(job.spec).scenario == scenario


def test_a_job_says_what_sets_its_figures_apart() -> None:
    """Only of the scenario that took the override."""
    jobs = _plan(collect(NAMES, overrides={"users": "7"}), repeats=1).jobs
    assert {(job.scenario, *job.parameters.items()) for job in jobs} == {
        ("basic_operations", ("users", 7)),
        ("trace_replay",),
    }


def test_a_run_says_what_was_asked_for(bundle: Bundle) -> None:
    """Everything of the request is kept with it."""
    version = CodeVersion(name="abc", dirty=True, committed_at_s=1.0)
    run = _plan(
        bundle,
        services="docker",
        labels={"a": "b"},
        parameters={"users": "7"},
        code_version=version,
    ).run
    assert (run.names, run.seed, run.repeats, run.services) == (NAMES, 7, 2, "docker")
    assert (run.labels, run.parameters) == ({"a": "b"}, {"users": "7"})
    assert run.code_version == version


@pytest.mark.parametrize(
    ("services", "kind"), [("embedded", "embedded"), ("urls", "embedded"), ("docker", "docker")]
)
def test_a_jobs_own_server_is_of_the_runs_kind(bundle: Bundle, services: str, kind: str) -> None:
    """Containers where the run uses containers, the embedded server elsewhere."""
    job = _plan(bundle, services=services).jobs[0]
    assert jobspec.decode(job.spec).own_server == kind


def test_the_default_subject_is_our_own(bundle: Bundle) -> None:
    """Nothing asked for is `multilevel`, and a subject named twice runs once."""
    assert _plan(bundle, subjects=()).run.subjects == ("multilevel",)
    assert _plan(bundle, subjects=("null", "null")).run.subjects == ("null",)


def test_an_unknown_subject_is_told_with_the_nearest(bundle: Bundle) -> None:
    """Before anything is written."""
    with pytest.raises(UnknownNameError, match="did you mean multilevel"):
        _plan(bundle, subjects=("multilevle",))


def test_run_ids_sort_by_time_and_differ() -> None:
    """Those of one second differ, and those of the next second come after them."""
    first = {new_run_id(datetime(2026, 11, 22, 11, 2, 59, tzinfo=UTC)) for _ in range(100)}
    second = new_run_id(datetime(2026, 11, 22, 11, 3, 0, tzinfo=UTC))
    assert len(first) > 90
    assert all(run_id.startswith("20261122-110259-") and run_id < second for run_id in first)


def test_a_spec_of_another_version_is_told(bundle: Bundle) -> None:
    """A worker that can't read a job says which key it stumbled over."""
    spec = dict(_plan(bundle).jobs[0].spec)
    with pytest.raises(JobSpecError, match="novelty"):
        jobspec.decode(spec | {"novelty": 1})
    with pytest.raises(JobSpecError, match="scenario"):
        jobspec.decode(spec | {"scenario": {}})


def test_a_run_has_an_end() -> None:
    """More repeats than anyone can wait for are refused before any job is planned."""
    bundle = collect(["basic_operations"])
    with pytest.raises(TooManyJobsError, match="at most 100,000 times"):
        plan_run(bundle, run_id="run", seed=1, repeats=10**400)
    with pytest.raises(TooManyJobsError, match="at most 50,000 times"):
        plan_run(bundle, run_id="run", seed=1, repeats=50_001, subjects=["null", "multilevel"])


def test_a_plan_keeps_its_shape_under_another_id() -> None:
    """Jobs and their groups are named after the run."""
    bundle = collect(["coherence"])
    made = plan_run(bundle, run_id="first", seed=1)
    assert renamed(made, "second") == plan_run(bundle, run_id="second", seed=1)
