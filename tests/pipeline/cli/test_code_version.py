"""Which code a run says that it measured."""

import subprocess
from pathlib import Path

import pytest

from pipeline.cli.code_version import code_version, resolve_commit
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


def test_a_name_that_git_knows_has_the_time_of_its_commit(repository: Path) -> None:
    """A tag is in its place among commits, whatever is checked out."""
    subprocess.run(["git", "tag", "v1"], cwd=repository, check=True)
    found = code_version("v1", repository)
    assert (found.name, found.branch) == ("v1", None)
    assert found.committed_at_s == code_version(None, repository).committed_at_s
    assert resolve_commit("v1", repository) == code_version(None, repository).name
    assert resolve_commit("--all", repository) is None


def test_the_branch_is_known_also_where_a_runner_checked_out_a_commit(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From git, or from what GitHub's runner says."""
    for variable in ("GITHUB_HEAD_REF", "GITHUB_REF_NAME"):
        monkeypatch.delenv(variable, raising=False)
    subprocess.run(["git", "checkout", "-qb", "feature/x"], cwd=repository, check=True)
    assert code_version(None, repository).branch == "feature/x"
    subprocess.run(["git", "checkout", "-q", "--detach"], cwd=repository, check=True)
    assert code_version(None, repository).branch is None
    monkeypatch.setenv("GITHUB_REF_NAME", "17/merge")
    assert code_version(None, repository).branch == "17/merge"
    monkeypatch.setenv("GITHUB_HEAD_REF", "fix")
    assert code_version(None, repository).branch == "fix"
