"""Which code is measured: the commit of the folder where `bench` was called, or the user's word."""

import os
import shutil
import subprocess
from pathlib import Path

from results.records import CodeVersion

_TIMEOUT_S = 5
# Where a runner has checked out a commit, git knows no branch; GitHub's runner does.
_BRANCH_VARIABLES = ("GITHUB_HEAD_REF", "GITHUB_REF_NAME")


def code_version(name: str | None, folder: Path) -> CodeVersion:
    """The user's `name` where there is one, else what git says of `folder`.

    Returns:
        An empty version where `folder` is in no repository or git can't say. A name that git knows
        as a commit, such as a tag, has its time.
    """
    if name is not None:
        return CodeVersion(name=name, committed_at_s=_committed_at_s(folder, name))
    head = _git(folder, "log", "-1", "--format=%H %ct")
    if not head:
        return CodeVersion()
    commit, committed_at_s = head.split()
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return CodeVersion(
        name=commit,
        dirty=None if changes is None else bool(changes),
        committed_at_s=float(committed_at_s),
        branch=_branch(folder),
    )


def resolve_commit(name: str, folder: Path) -> str | None:
    """The whole hash of what git knows by this name, such as `HEAD~3`, a tag or a branch."""
    return _git(
        folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
    )


def _committed_at_s(folder: Path, name: str) -> float | None:
    commit = resolve_commit(name, folder)
    time_s = commit and _git(folder, "show", "--no-patch", "--format=%ct", commit)
    return float(time_s) if time_s else None


def _branch(folder: Path) -> str | None:
    named = (os.environ.get(variable) for variable in _BRANCH_VARIABLES)
    return _git(folder, "symbolic-ref", "--short", "HEAD") or next(filter(None, named), None)


def _git(folder: Path, *arguments: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments, found by its name
            [git, "-C", str(folder), *arguments],
            capture_output=True,
            check=True,
            text=True,
            timeout=_TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
