"""Names of subjects: installed ones, and import paths of a user's own."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline import subjects
from pipeline.errors import UnknownNameError


def test_without_a_name_it_is_ours() -> None:
    """And each name counts once, in the order asked for."""
    assert subjects.check([]) == ("multilevel",)
    assert subjects.check(["null", "my.cache:build", "null"]) == ("null", "my.cache:build")
    assert subjects.own(["null", "my.cache:build"]) == ("my.cache:build",)


@pytest.mark.parametrize(
    "name", ["my cache:build", "my.cache:", ":build", "my..cache:build", "../a:b", "a:b:c", "a:b-c"]
)
def test_an_import_path_has_one_form(name: str) -> None:
    """Anything else is refused before it is stored."""
    with pytest.raises(UnknownNameError, match=r"expected package\.module:factory"):
        subjects.check([name])


def test_a_module_that_lies_nowhere_is_known_without_an_import(tmp_path: Path) -> None:
    """Not in the folder, and not installed; what lies in the folder is not run."""
    (tmp_path / "mine.py").write_text("raise SystemExit")
    subjects.check_found(["multilevel", "mine:build", "workers.subjects.null:build"], tmp_path)
    with pytest.raises(UnknownNameError, match=r"^subject my\.own:build: no module my is .*"):
        subjects.check_found(["mine:build", "my.own:build"], tmp_path)


def test_a_near_name_is_suggested() -> None:
    """A typing error is answered with what was meant."""
    with pytest.raises(UnknownNameError, match=r"no subject is called redispy.* redis-py"):
        subjects.check(["redispy"])


def test_a_library_that_is_missing_is_known_without_an_import(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The line says what to install; subjects of other libraries are not affected."""
    monkeypatch.setattr(
        subjects, "find_spec", lambda name: None if name == "cashews" else find_spec(name)
    )
    line = r"^subject cashews-redis needs cashews: pip install 'tierbench\[peers\]'$"
    with pytest.raises(UnknownNameError, match=line):
        subjects.check(["null", "cashews-redis"])
    assert subjects.check(["aiocache-redis"]) == ("aiocache-redis",)
