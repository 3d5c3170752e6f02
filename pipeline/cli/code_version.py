"""Which code is measured: the commit of the folder where `bench` was called, or the user's word."""

import shutil
import subprocess
from pathlib import Path

from results.records import CodeVersion

_TIMEOUT_S = 5


def code_version(name: str | None, folder: Path) -> CodeVersion:
    """The user's `name` where there is one, else what git says of `folder`.

    Returns:
        An empty version where `folder` is in no repository or git can't say.
    """
    if name is not None:
        return CodeVersion(name=name)
    head = _git(folder, "log", "-1", "--format=%H %ct")
    if not head:
        return CodeVersion()
    commit, committed_at_s = head.split()
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return CodeVersion(
        name=commit,
        dirty=None if changes is None else bool(changes),
        committed_at_s=float(committed_at_s),
    )


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
