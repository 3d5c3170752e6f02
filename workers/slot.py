"""The folder through which a worker process and its supervisor see each other.

The process announces itself and the attempt that it holds, and its event loop ticks; the
supervisor reads, and never has to ask a process that may be stuck.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from results.records import WorkerIdentity
from workers.errors import NotSupervisedError

FOLDER_VARIABLE = "BENCH_SLOT_DIR"
NUMBER_VARIABLE = "BENCH_WORKER_NUMBER"
SAMPLES_VARIABLE = "BENCH_SAMPLES_DIR"
SUPERVISOR_VARIABLE = "BENCH_SUPERVISOR_PID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """The attempt that a worker process holds.

    Args:
        attempt_id: Its fencing token.
        job_id: The job.
        limit_s: Seconds that it may take until it is stored; None once it is being stored.
    """

    attempt_id: str
    job_id: str
    limit_s: float | None


class Slot:
    """One process's folder.

    Args:
        folder: An existing folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._identity = folder / "worker.json"
        self._holding = folder / "attempt.json"
        self._doom = folder / "doom.json"
        self._ticks = folder / "ticks"
        self._ticked = 0

    @classmethod
    def of_environment(cls) -> "Slot":
        """The slot that the supervisor gave to this process.

        Raises:
            NotSupervisedError: There is none.
        """
        folder = os.environ.get(FOLDER_VARIABLE)
        if not folder:
            raise NotSupervisedError(
                "claims of jobs are kept by a supervisor: start workers with `bench worker`"
            )
        return cls(Path(folder))

    def announce(self, identity: WorkerIdentity) -> None:
        """Say which process this is."""
        _replace(self._identity, asdict(identity))

    def hold(self, holding: Holding) -> None:
        """Say which attempt this process holds."""
        _replace(self._holding, asdict(holding))

    def let_go(self) -> None:
        """Say that this process holds no attempt."""
        self._holding.unlink(missing_ok=True)

    def tick(self) -> None:
        """Show that the event loop turns."""
        self._ticked += 1
        self._ticks.write_text(str(self._ticked))

    def foretell(self, why: str) -> None:
        """Say what is about to end this process, which can't say so afterwards."""
        _replace(self._doom, {"why": why})

    def identity(self) -> WorkerIdentity | None:
        """Which process it is; None before it is up."""
        found = _read(self._identity)
        return None if found is None else WorkerIdentity(**found)

    def holding(self) -> Holding | None:
        """Which attempt the process holds."""
        found = _read(self._holding)
        return None if found is None else Holding(**found)

    def doom(self) -> str | None:
        """What the process has foretold of its end; None where it knew of none."""
        found = _read(self._doom)
        return None if found is None else str(found["why"])

    def ticks(self) -> str:
        """Something else after each tick."""
        try:
            return self._ticks.read_text()
        except FileNotFoundError:
            return ""


def _replace(path: Path, content: dict[str, Any]) -> None:
    """Write a file so that no reader ever sees half of it."""
    written = path.with_suffix(".new")
    written.write_text(json.dumps(content))
    written.replace(path)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return found
