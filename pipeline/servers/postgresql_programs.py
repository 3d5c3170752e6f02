"""PostgreSQL's server programs as the system has them installed, and who runs them."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DEBIAN = Path("/usr/lib/postgresql")
_SYSTEM_USER = "postgres"
_NEEDED = ("initdb", "postgres")
# Whatever the terminal speaks, the log is in English; initdb looks for a time zone that is not set.
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
_RUN_S = 60.0


@dataclass(frozen=True, slots=True)
class PostgresqlPrograms:
    """Where the programs are, and who runs them: they refuse to run as root.

    Args:
        folder: Has `initdb` and `postgres`.
        user: The system's user for them; None for this process's own.
    """

    folder: Path
    user: pwd.struct_passwd | None

    def give(self, path: Path) -> None:
        """Make a file or folder the user's."""
        if self.user is not None:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def run(self, *words: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
        """Run one of them to its end.

        Args:
            words: Its name and arguments.
            cwd: A folder that its user may enter.
        """
        return subprocess.run(  # noqa: S603 - the system's own programs
            self._command(words),
            **self._surroundings(cwd),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_RUN_S,
            check=False,
        )

    def launch(self, *words: str, cwd: Path, log: Any) -> "subprocess.Popen[bytes]":
        """Start one of them.

        Args:
            words: Its name and arguments.
            cwd: A folder that its user may enter.
            log: The open file that takes all that it says.
        """
        # A session of its own: Ctrl-C in the terminal reaches the owner alone, who stops it.
        return subprocess.Popen(  # noqa: S603 - the system's own programs
            self._command(words),
            **self._surroundings(cwd),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _command(self, words: Sequence[str]) -> list[str]:
        return [str(self.folder / words[0]), *words[1:]]

    def _surroundings(self, cwd: Path) -> dict[str, Any]:
        around: dict[str, Any] = {"cwd": cwd, "env": _ENVIRONMENT}
        if self.user is not None:
            around |= {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": ()}
        return around


def find_programs() -> PostgresqlPrograms | None:
    """The newest that are installed; None where some are missing, or nobody may run them."""
    folders = sorted(_DEBIAN.glob("*/bin"), key=_major_version, reverse=True)
    on_path = shutil.which("initdb")
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    complete = (each for each in folders if all((each / name).exists() for name in _NEEDED))
    folder = next(complete, None)
    if folder is None:
        return None
    if os.getuid() != 0:
        return PostgresqlPrograms(folder, None)
    try:
        return PostgresqlPrograms(folder, pwd.getpwnam(_SYSTEM_USER))
    except KeyError:
        return None


def _major_version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0
