"""Baselines: set, given on, listed, removed, and refused."""

import pytest

from results.baselines import all_baselines, remove_baseline, set_baseline
from results.errors import BaselineError
from results.marks import exclude
from results.store import Store
from tests.results.build import a_job, plan
from tests.results.versus.stored import measured


def test_a_name_belongs_to_one_run(store: Store) -> None:
    """Setting it again gives it on, and says who had it; removing it leaves the run."""
    measured(store, "one", [1.0], at_s=1, code="v1")
    measured(store, "two", [1.0], at_s=2, code="v2")
    assert set_baseline(store, "main", store.run("one")) is None
    assert set_baseline(store, "main", store.run("two")) == "one"
    set_baseline(store, "before", store.run("one"))
    found = [(each.name, each.run_id, each.code_name) for each in all_baselines(store)]
    assert found == [("before", "one", "v1"), ("main", "two", "v2")]
    remove_baseline(store, "main")
    assert [each.name for each in all_baselines(store)] == ["before"]
    assert store.run("two").run.run_id == "two"


def test_what_can_not_be_a_baseline(sqlite_store: Store) -> None:
    """An open run, an excluded one, and a name that nobody could type."""
    plan(sqlite_store, [a_job("open")])
    measured(sqlite_store, "noisy", [1.0], at_s=1)
    exclude(sqlite_store, "noisy", "backup ran")
    for run_id, line in (("open", "has not ended"), ("noisy", "is excluded \\(backup ran\\)")):
        with pytest.raises(BaselineError, match=f"run {run_id} {line}"):
            set_baseline(sqlite_store, "main", sqlite_store.run(run_id))
    for name in ("", " main", "ma\nin", "x" * 201):
        with pytest.raises(BaselineError, match="a baseline can't be called"):
            set_baseline(sqlite_store, name, sqlite_store.run("noisy"))
    assert all_baselines(sqlite_store) == []


def test_a_baseline_that_is_not_there(sqlite_store: Store) -> None:
    """It says how one is made, or which there are."""
    with pytest.raises(BaselineError, match="there are none yet; `bench baseline set main RUN`"):
        remove_baseline(sqlite_store, "main")
    measured(sqlite_store, "one", [1.0], at_s=1)
    set_baseline(sqlite_store, "main", sqlite_store.run("one"))
    with pytest.raises(BaselineError, match="no baseline 'man'; there are main"):
        remove_baseline(sqlite_store, "man")
