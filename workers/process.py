"""One worker process as its supervisor sees it: a Dramatiq master, its one child, and a slot."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import workers
from results.records import WorkerIdentity
from workers import log
from workers.boot import KILLED
from workers.job import CLAIM_PERIOD_S
from workers.slot import (
    FOLDER_VARIABLE,
    NUMBER_VARIABLE,
    SAMPLES_VARIABLE,
    SUPERVISOR_VARIABLE,
    Holding,
    Slot,
)
from workers.slot_folder import SlotFolder
from workers.subjects.own import allowing

PACKAGES = Path(workers.__file__).parent.parent
# One thread does one job; a message fetched ahead would wait behind that job.
DRAMATIQ = ("--processes", "1", "--threads", "1", "--skip-logging")
SHUTDOWN_MS = 5_000
# Its claim ran out before; a process that is only paused may still come back until then. Where no
# other is there to take its job, its successor has to start and claim it within 30 s of its stop.
SILENT_S = 2 * CLAIM_PERIOD_S


class WorkerProcess:
    """A process group that does jobs one at a time, started once.

    Args:
        number: The worker's number, from 1, which its successor inherits.
        samples: The folder for raw timings; None where they are not written.
        allowed: Import paths of the subjects that it may import beside installed ones.
    """

    def __init__(self, number: int, samples: Path | None, allowed: Sequence[str] = ()) -> None:
        self.number = number
        self._folder = SlotFolder()
        self._slot = Slot(self._folder.path)
        self._seen_ticks = self._told_ticks = ""
        self._ticked_at = time.monotonic()
        self._held_since: tuple[Holding | None, float] = (None, 0.0)
        self._dismissed_at: float | None = None
        self.started_at = time.monotonic()
        self._popen = subprocess.Popen(  # noqa: S603 - this interpreter, on a module of our own
            _command(),
            env=self._environment(samples, allowed),
            process_group=0,
            stdin=subprocess.DEVNULL,
            pass_fds=(self._folder.lock,),
        )

    @property
    def identity(self) -> WorkerIdentity | None:
        """Who it is in the results database; None before it is up."""
        return self._slot.identity()

    @property
    def holding(self) -> Holding | None:
        """The attempt that it holds."""
        return self._slot.holding()

    @property
    def death(self) -> str | None:
        """How it ended, in words; None while it runs."""
        code = self._popen.poll()
        if code is None:
            return None
        signalled = -code if code < 0 else code - KILLED
        how = f"killed by signal {signalled}" if signalled > 0 else f"exit code {code}"
        return " ".join(filter(None, (how, self._slot.doom())))

    @property
    def dismissed_for_s(self) -> float | None:
        """Seconds since it was told to stop; None where it was not."""
        return None if self._dismissed_at is None else time.monotonic() - self._dismissed_at

    def has_ticked(self) -> bool:
        """Whether its event loop has turned since this was last asked."""
        self._look()
        ticked = self._seen_ticks != self._told_ticks
        self._told_ticks = self._seen_ticks
        return ticked

    def is_silent(self) -> bool:
        """Whether its event loop has stood still, with an attempt in hand, past all patience.

        Looks for itself: who asks may have waited for the database far longer than that. No loop
        ticks between attempts, so patience with an attempt begins when it is first seen.
        """
        holding = self.holding
        self._look()
        if holding is None:
            return False
        quiet_since = max(self._ticked_at, self._seen_holding_since(holding))
        return time.monotonic() - quiet_since > SILENT_S

    def is_overdue(self) -> bool:
        """Whether the attempt that it holds has outlived its limit."""
        holding = self.holding
        if holding is None or holding.limit_s is None:
            return False
        return time.monotonic() - self._seen_holding_since(holding) > holding.limit_s

    def dismiss(self, why: str) -> None:
        """Tell it to give back what it holds and end; saying so twice changes nothing."""
        if self._dismissed_at is None and self._popen.poll() is None:
            log.event(f"worker {self.number} is told to stop: {why}")
            self._dismissed_at = time.monotonic()
            self._popen.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill what is left of its process group, and wait for its end."""
        with suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()

    def remove(self) -> None:
        """Remove its folder once it has ended."""
        self._folder.remove()

    def _seen_holding_since(self, holding: Holding) -> float:
        if self._held_since[0] != holding:
            self._held_since = (holding, time.monotonic())
        return self._held_since[1]

    def _look(self) -> None:
        ticks = self._slot.ticks()
        if ticks != self._seen_ticks:
            self._seen_ticks = ticks
            self._ticked_at = time.monotonic()

    def _environment(self, samples: Path | None, allowed: Sequence[str]) -> dict[str, str]:
        path = os.environ.get("PYTHONPATH")
        environment = {
            **os.environ,
            "PYTHONPATH": f"{PACKAGES}{os.pathsep}{path}" if path else str(PACKAGES),
            "dramatiq_queue_prefetch": "1",
            FOLDER_VARIABLE: str(self._folder.path),
            NUMBER_VARIABLE: str(self.number),
            SUPERVISOR_VARIABLE: str(os.getpid()),
            **allowing(allowed),
        }
        if samples is not None:
            environment[SAMPLES_VARIABLE] = str(samples)
        return environment


def _command() -> list[str]:
    # -P and --path keep the current folder, and whatever it is called in there, out of imports.
    return [
        *(sys.executable, "-P", "-m", "workers.boot", "workers.app", *DRAMATIQ),
        *("--worker-shutdown-timeout", str(SHUTDOWN_MS), "--path", str(PACKAGES)),
    ]
