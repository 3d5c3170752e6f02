"""How many workers a plan needs: what `bench run` starts, and what `bench enqueue` says."""

import dataclasses

import pytest

from pipeline.bundle import collect
from pipeline.cli.enqueue import notes_on_workers
from pipeline.cli.errors import UsageError
from pipeline.cli.local_run import enough_workers
from pipeline.plan import Plan, plan_run


@pytest.fixture
def plan() -> Plan:
    """A scenario of one worker and one of three."""
    bundle = collect(("basic_operations", "trace_replay"))
    single, several = bundle.scenarios
    scenarios = (single, dataclasses.replace(several, workers=3))
    return plan_run(dataclasses.replace(bundle, scenarios=scenarios), run_id="run", seed=7)


@pytest.mark.parametrize(("asked_for", "started"), [(None, 3), (3, 3), (4, 4)])
def test_there_are_enough_workers_for_the_largest_group(
    plan: Plan, asked_for: int | None, started: int
) -> None:
    """By themselves just so many; more where that is asked for."""
    assert enough_workers(plan, asked_for) == started


def test_too_few_workers_are_a_mistake_of_one_line(plan: Plan) -> None:
    """It says which scenario needs how many, before anything is started."""
    with pytest.raises(UsageError) as raised:
        enough_workers(plan, 2)
    assert str(raised.value) == (
        "--workers 2: trace_replay needs 3 workers at the same time; "
        "give --workers 3, or leave it out"
    )


def test_one_worker_is_enough_for_scenarios_of_one() -> None:
    """As ever."""
    plan = plan_run(collect(("basic_operations",)), run_id="run", seed=7)
    assert (enough_workers(plan, None), enough_workers(plan, 2)) == (1, 2)


def test_enqueue_says_how_many_workers_are_needed_at_once(plan: Plan) -> None:
    """And how many there are, though others may come."""
    needed = "needs 3 workers at the same time"
    assert list(notes_on_workers(plan, 2)) == [f"{needed} (2 alive)"]
    note, none_alive = notes_on_workers(plan, 0)
    assert note == f"{needed} (0 alive)"
    assert "no worker is alive" in none_alive
