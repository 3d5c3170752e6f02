"""Labels, notes and exclusions of runs, on both databases."""

from results import marks
from results.records import CodeVersion
from results.store import Store
from tests.results.build import a_job, plan


def test_labels_are_added_replaced_and_taken_off(store: Store) -> None:
    """What is not named stays as it is."""
    plan(store, [a_job()], labels={"a": "1", "b": "2", "c": "3"})
    marks.label(store, "run-1", {"b": "two", "d": "4"}, removed=["a", "unknown"])
    assert store.run("run-1").run.labels == {"b": "two", "c": "3", "d": "4"}


def test_notes_are_kept_in_their_order(store: Store) -> None:
    """With the database's time, for the runs that are asked for."""
    plan(store, [a_job()])
    plan(store, [a_job("run-2")], code_version=CodeVersion())
    for run_id, text in (("run-1", "first"), ("run-2", "other"), ("run-1", "second")):
        marks.annotate(store, run_id, text)
    found = marks.notes_of(store, ["run-1"])
    assert [note.text for note in found] == ["first", "second"]
    assert abs(found[0].at_s - store.now_s()) < 60
    assert len(marks.notes_of(store, ["run-1", "run-2"])) == 3


def test_an_exclusion_has_a_reason_until_it_is_taken_back(store: Store) -> None:
    """The run knows why it takes no part."""
    plan(store, [a_job()])
    marks.exclude(store, "run-1", "a noisy neighbour")
    assert store.run("run-1").excluded == "a noisy neighbour"
    marks.exclude(store, "run-1", None)
    assert store.run("run-1").excluded is None
