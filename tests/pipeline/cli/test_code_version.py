"""Which code a run says that it measured."""

import subprocess
from pathlib import Path

import pytest

from pipeline.cli.code_version import code_version
from results.records import CodeVersion


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with one commit of one file."""
    (tmp_path / "code.py").write_text("one = 1\n")
    for arguments in (
        ["init", "--quiet"],
        ["add", "code.py"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "One"],
    ):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    return tmp_path


def test_a_clean_folder_is_its_commit(repository: Path) -> None:
    """Name, no changes, and when it was committed."""
    found = code_version(None, repository)
    assert found.name is not None
    assert len(found.name) == 40
    assert found.dirty is False
    assert found.committed_at_s is not None


def test_a_changed_file_is_told_but_a_new_one_is_not(repository: Path) -> None:
    """What bench itself leaves behind does not make the code another one."""
    (repository / "report.json").write_text("{}")
    assert code_version(None, repository).dirty is False
    (repository / "code.py").write_text("one = 2\n")
    assert code_version(None, repository).dirty is True


def test_outside_a_repository_nothing_is_known(tmp_path: Path) -> None:
    """No git, no claim."""
    assert code_version(None, tmp_path) == CodeVersion()


def test_the_users_word_goes_before_git(repository: Path) -> None:
    """A release under test may be another than the folder's commit."""
    assert code_version("v1.2", repository) == CodeVersion(name="v1.2")
