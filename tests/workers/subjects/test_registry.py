"""What a worker builds for a name, and what it refuses to import."""

import sys
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline import subjects
from pipeline.load import ClosedLoad
from pipeline.scenario import Phase
from pipeline.subject import SubjectSettings
from tests.workers.scenarios import a_spec, an_assignment
from workers.errors import SubjectError
from workers.execute import execute
from workers.subjects.base import Addresses
from workers.subjects.null import NullSubject
from workers.subjects.own import ALLOWED_VARIABLE, allowing
from workers.subjects.registry import build_subject

ADDRESSES = Addresses(namespace="test", l2_url=None, l3_url=None)

MODULE = """
from workers.subjects.null import NullSubject

class Own(NullSubject):
    lacks = NullSubject.lacks | {more}

def build(settings, addresses):
    return Own()

def half(settings, addresses):
    return object()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the worker was started, with a module of the user's own."""
    (tmp_path / "their_own.py").write_text(MODULE.format(more="set()"))
    (tmp_path / "misspelt.py").write_text(MODULE.format(more="{'get_manny'}"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delenv(ALLOWED_VARIABLE, raising=False)
    for name in ("their_own", "misspelt"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


def allow(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Have this process be a worker that was started with these names."""
    for variable, value in allowing(names).items():
        monkeypatch.setenv(variable, value)


def build(name: str) -> object:
    """The subject of that name."""
    return build_subject(name, SubjectSettings(), ADDRESSES)


def test_a_users_own_subject_runs_where_it_is_allowed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is found in the folder of the worker, after everything else that can be imported."""
    allow(monkeypatch, "other:thing", "their_own:build")
    assert isinstance(build("their_own:build"), NullSubject)
    assert sys.path[-1] == str(folder)
    assert sys.path.count(str(folder)) == 1
    build("their_own:build")
    assert sys.path.count(str(folder)) == 1


@pytest.mark.parametrize("name", ["their_own:build", "their_own:half", "os:system", ":", "a:b:c"])
def test_nothing_else_is_imported(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Not what lies beside an allowed name, nor what a job asks for: the line says which flag."""
    allow(monkeypatch, "their_own:other")
    with pytest.raises(SubjectError, match=rf"^subject {name} .*--allow-subject {name}$"):
        build(name)
    assert "their_own" not in sys.modules
    assert str(folder) not in sys.path


async def test_a_job_can_not_make_a_worker_import_anything(
    folder: Path, redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """A stored job with a name of its own fails before anything else happens."""
    spec = a_spec(Phase(name="load", load=ClosedLoad(operations=1)), subject="their_own:build")
    result = await execute(an_assignment(spec, namespace, redis_url, sqlite_url))
    assert result.error is not None
    assert "--allow-subject their_own:build" in result.error
    assert "their_own" not in sys.modules


def test_an_installed_subject_can_be_named_by_its_import_path(folder: Path) -> None:
    """It was chosen by whoever installed it."""
    assert isinstance(build("workers.subjects.null:build"), NullSubject)
    assert str(folder) not in sys.path


def test_ours_come_before_what_lies_in_the_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of a module's name can't take its place."""
    (folder / "workers.py").write_text("raise SystemExit")
    (folder / "json.py").write_text("raise SystemExit")
    allow(monkeypatch, "their_own:build", "json:loads")
    assert isinstance(build("their_own:build"), NullSubject)
    with pytest.raises(SubjectError, match=r"json:loads is not a function of \(settings, addr"):
        build("json:loads")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("their_own:half", "subject their_own:half has no .*get_many"),
        ("their_own:missing", "'their_own:missing' at .* can't be imported: .*missing"),
        ("nowhere:build", "'nowhere:build' at .* can't be imported: No module named 'nowhere'"),
        ("their_own:__name__", "their_own:__name__ is not a function of .settings, addresses."),
        ("misspelt:build", "subject misspelt:build lacks what nobody knows: get_manny"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_is_no_subject_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    """In one line, before a job begins."""
    allow(monkeypatch, name)
    with pytest.raises(SubjectError, match=said):
        build(name)


def test_an_unknown_subject_is_named() -> None:
    """With those that there are."""
    with pytest.raises(SubjectError, match=r"'cashews-lru' is not installed .*multilevel"):
        build("cashews-lru")


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what installs it."""
    monkeypatch.setattr(
        subjects, "find_spec", lambda name: None if name == "theine" else find_spec(name)
    )
    with pytest.raises(SubjectError, match=r"needs theine: pip install 'tierbench\[peers\]'"):
        build("theine")


def test_every_subject_is_listed_with_its_library() -> None:
    """What a subject's module can't be imported without is known beforehand."""
    ours = {each for each in entry_points(group=subjects.GROUP).names if "multilevel" in each}
    assert entry_points(group=subjects.GROUP).names - ours - {"null", "coredis"} == set(
        subjects.LIBRARIES
    )
