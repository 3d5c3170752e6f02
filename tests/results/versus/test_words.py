"""What the words mean by which people name a side."""

import re

import pytest

from results.baselines import set_baseline
from results.errors import NothingComparableError, UnknownSideError
from results.marks import exclude
from results.store import Store
from results.versus.sides import Sides, sides_of
from results.versus.words import Chosen, Words
from tests.results.build import a_job, plan
from tests.results.versus.stored import measured

OLD, NEW, NEVER = "a" * 40, "ab" + "c" * 38, "d" * 40
GIT = {"HEAD": NEW, "HEAD~1": OLD, "v1": OLD, "main": NEVER, NEVER[:7]: NEVER}


@pytest.fixture
def stored(store: Store) -> Store:
    """Runs of two commits and a name, one of them with two subjects, one excluded, one open."""
    measured(store, "first", [1.0], at_s=1, code=OLD, labels={"side": "base"})
    measured(store, "second", [1.0], at_s=2, code=NEW, labels={"side": "head"})
    measured(store, "third", [1.0], at_s=3, code="rc 1", labels={"side": "head"})
    subjects = {"subjects": ("multilevel", "null"), "factors": (1.0, 0.5)}
    measured(store, "fourth", [1.0], at_s=4, code=NEW, dirty=True, **subjects)
    measured(store, "fifth", [1.0], at_s=5, code="bad", labels={"side": "none"})
    exclude(store, "fifth", "a noisy neighbour")
    set_baseline(store, "rc", store.run("third"))
    return store


def chosen(store: Store, word: str) -> Chosen:
    """What a word means there."""
    with store.database.read() as connection:
        return Words(connection, GIT.get).choose(word)


def both(store: Store, a: str, b: str) -> Sides:
    """Two of them beside each other."""
    with store.database.read() as connection:
        words = Words(connection, GIT.get)
        return sides_of(connection, words.choose(a), words.choose(b))


MEANINGS = (
    ("first", {"first"}),
    ("run:sec", {"second"}),
    ("thi", {"third"}),
    ("latest", {"fourth"}),
    ("run:latest", {"fourth"}),
    ("side=head", {"second", "third"}),
    ("label:side=base", {"first"}),
    ("HEAD", {"second"}),
    ("commit:HEAD~1", {"first"}),
    ("v1", {"first"}),
    ("aaaa", {"first"}),
    (NEW, {"second"}),
    ("rc 1", {"third"}),
    ("baseline:rc", {"third"}),
    ("rc", {"third"}),
)
NO_MEANINGS = (
    ("run:f", "several runs begin with 'f': fifth, fourth, first; give more of the id"),
    ("run:nine", "no run 'nine'; the newest are fifth, fourth, third and 2 more"),
    ("side=tail", "no run is labelled side=tail; side is base, head, none"),
    ("host=x", "no run is labelled host=x; none has a label host"),
    ("label:x", "label:x is no label; write label:KEY=VALUE"),
    ("fifth", "run fifth is excluded (a noisy neighbour); `bench mark fifth --include`"),
    ("side=none", "label side=none takes no part: run fifth is excluded"),
    ("main", "commit main (ddddddddd) was never measured; measure it: `git checkout ddd"),
    (NEVER[:7], "commit ddddddd was never measured"),
    ("commit:9999", "no commit '9999' in this folder's repository, and no code version of"),
    ("commit:a", "no commit 'a' in this folder's"),
    ("subject:redis", "no figures of a subject 'redis'; there are multilevel, null"),
    ("baseline:x", "no baseline 'x'; there are rc"),
    ("multilevl", "no measured code version, subject or baseline; did you mean multilevel?"),
    ("", "an empty word means nothing"),
)


def test_words_that_mean_runs(stored: Store) -> None:
    """Runs, labels, commits as git and as their beginnings know them, names and baselines."""
    assert [(word, chosen(stored, word).run_ids) for word, _ in MEANINGS] == list(MEANINGS)


def test_words_that_mean_nothing(stored: Store) -> None:
    """One line: what, and what there is instead."""
    for word, line in NO_MEANINGS:
        with pytest.raises(UnknownSideError, match=re.escape(line)):
            chosen(stored, word)


def test_a_word_with_several_meanings_asks_for_a_prefix(stored: Store) -> None:
    """A baseline may be called like a subject."""
    set_baseline(stored, "null", stored.run("first"))
    with pytest.raises(UnknownSideError, match="write subject:null or baseline:null"):
        chosen(stored, "null")
    assert chosen(stored, "subject:null").subject == "null"


def test_two_commits_that_begin_alike(sqlite_store: Store) -> None:
    """More of the hash is asked for."""
    measured(sqlite_store, "x", [1.0], at_s=1, code="abcd1" + "0" * 35)
    measured(sqlite_store, "y", [1.0], at_s=2, code="abcd2" + "0" * 35)
    with pytest.raises(UnknownSideError, match="several measured commits begin with 'abcd'"):
        chosen(sqlite_store, "abcd")


def test_an_open_run_has_no_figures_yet(sqlite_store: Store) -> None:
    """Nor does an empty database."""
    with pytest.raises(UnknownSideError, match="there are no runs yet; start one with"):
        chosen(sqlite_store, "latest")
    plan(sqlite_store, [a_job("open")])
    with pytest.raises(UnknownSideError, match="run open has not ended; `bench status open` says"):
        chosen(sqlite_store, "latest")


def test_uncommitted_changes_are_told(sqlite_store: Store) -> None:
    """A clean run of the commit goes before; where there is none, that is said."""
    measured(sqlite_store, "dirty", [1.0], at_s=1, code=OLD, dirty=True)
    found = chosen(sqlite_store, OLD)
    assert found.notes == ("commit aaaaaaaaa was measured with uncommitted changes only",)
    measured(sqlite_store, "clean", [1.0], at_s=2, code=OLD)
    assert chosen(sqlite_store, OLD).run_ids == {"clean"}


def test_subjects_are_compared_in_the_runs_that_measured_both(stored: Store) -> None:
    """Of the newest code version that has such a run."""
    found = both(stored, "multilevel", "subject:null")
    assert found.by_subject
    assert (found.a.run_ids, found.b.run_ids) == ({"fourth"}, {"fourth"})
    exclude(stored, "fourth", "a noisy neighbour")
    with pytest.raises(NothingComparableError, match="measure them together: `bench run quick"):
        both(stored, "multilevel", "null")


ONE_SIDE = (
    ("first", "v1", "run first and commit aaaaaaaaa are both run first; name two sides"),
    ("second", "side=head", "run second and label side=head share run second"),
    ("null", "first", "a subject is compared with a subject, runs with runs"),
    ("null", "subject:null", "both sides are subject null; name two"),
)


def test_sides_that_are_no_two(stored: Store) -> None:
    """What is compared with itself says nothing."""
    for a, b, line in ONE_SIDE:
        with pytest.raises(UnknownSideError, match=re.escape(line)):
            both(stored, a, b)
