"""Runs with an idempotency key: of those that have the same, one is stored."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from results.errors import UnknownFileError
from results.records import StoredFile
from results.store import Store
from tests.results.build import a_job, a_run

FILE = StoredFile(sha256=hashlib.sha256(b"1").hexdigest(), name="t.trace", content=b"1")


def test_a_second_run_with_the_same_key_is_the_first(store: Store) -> None:
    """Its id is told, and nothing of the second is stored."""
    first = a_run("run-1", idempotency_key="nightly")
    assert store.create_run(first, [a_job("run-1")]) == "run-1"
    second = a_run("run-2", idempotency_key="nightly")
    assert store.create_run(second, [a_job("run-2")], [FILE]) == "run-1"
    assert [stored.run for stored in store.runs(9)] == [first]
    assert store.job_rows("run-2") == []
    with pytest.raises(UnknownFileError):
        store.file(FILE.sha256)


def test_runs_without_a_key_are_never_the_same(store: Store) -> None:
    """No key is no key, and another key is another run."""
    for run_id, key in (("a", None), ("b", None), ("c", "x"), ("d", "y")):
        assert store.create_run(a_run(run_id, idempotency_key=key), [a_job(run_id)]) == run_id


def test_of_many_at_the_same_moment_one_is_stored(store: Store) -> None:
    """All are told its id, whoever was first."""
    callers = 6
    barrier = Barrier(callers)

    def create(number: int) -> str:
        run_id = f"run-{number}"
        barrier.wait()
        return store.create_run(a_run(run_id, idempotency_key="k"), [a_job(run_id)])

    with ThreadPoolExecutor(callers) as pool:
        told = set(pool.map(create, range(callers)))
    assert {stored.run.run_id for stored in store.runs(99)} == told
    assert len(told) == 1


def test_jobs_are_told_in_the_plans_order(store: Store) -> None:
    """As they were planned."""
    second, first = (a_job(position=number, spec={"seed": number}) for number in (1, 0))
    store.create_run(a_run(), [second, first])
    assert store.jobs("run-1") == (first, second)
