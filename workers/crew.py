"""A supervisor's worker processes together: the dead are replaced, the living keep their claims."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from results.store import Store
from workers import log
from workers.job import CLAIM_PERIOD_S
from workers.process import WorkerProcess

RENEW_EVERY_S = 2.0
# For undoing faults and giving back, for Dramatiq's own end, and for its master to look.
STOP_WITHIN_S = 8.0
HASTY_S = 5.0
LONGEST_PAUSE_S = 30.0
# A claim may look lost for a moment while its attempt is being stored.
REFUSALS = 2


class Crew:
    """As many worker processes as were asked for.

    Args:
        store: The results database.
        size: How many processes, from 1.
        samples: The folder for raw timings; None where they are not written.
        allowed: Import paths of the subjects that they may import beside installed ones.
    """

    def __init__(
        self, store: Store, size: int, samples: Path | None, allowed: Sequence[str] = ()
    ) -> None:
        self._store = store
        self._samples = samples
        self._allowed = allowed
        self._processes: dict[int, WorkerProcess | None] = dict.fromkeys(range(1, size + 1), None)
        self._start_at = dict.fromkeys(self._processes, 0.0)
        self._pause_s = dict.fromkeys(self._processes, 0.0)
        self._refused: dict[str, int] = {}
        self._unreturned: deque[Callable[[], None]] = deque()
        self._registered: set[str] = set()
        self._renew_at = 0.0

    @property
    def running(self) -> list[WorkerProcess]:
        """The processes that were started and not buried yet."""
        return [process for process in self._processes.values() if process is not None]

    def restart_the_dead(self) -> None:
        """Bury processes that have ended, kill those that are overdue, and start new ones."""
        for process in self.running:
            how = _end_of(process)
            if how is not None:
                self._bury(process, how, self._store.lose)
        for number, start_at in self._start_at.items():
            if self._processes[number] is None and time.monotonic() >= start_at:
                self._processes[number] = WorkerProcess(number, self._samples, self._allowed)

    @property
    def has_claims_to_look_after(self) -> bool:
        """Whether the results database has to be asked for something now."""
        return bool(self._unreturned) or time.monotonic() >= self._renew_at

    def look_after_claims(self) -> None:
        """Renew the claims of processes whose event loop turns; return those of dead ones.

        Raises:
            StoreUnavailableError: The results database is away.
        """
        self._return_claims()
        if time.monotonic() < self._renew_at:
            return
        self._renew_at = time.monotonic() + RENEW_EVERY_S
        self._renew_claims()
        self._beat()

    def stop(self) -> None:
        """End every process, give back what they held, and say that they are gone.

        Raises:
            StoreUnavailableError: The results database is away; claims will run out instead.
        """
        for process in self.running:
            # Dramatiq takes seconds to end, and who holds nothing has nothing to give back.
            if process.holding is None:
                process.kill()
            else:
                process.dismiss("the supervisor stops")
        end_at = time.monotonic() + STOP_WITHIN_S
        while time.monotonic() < end_at and any(each.death is None for each in self.running):
            time.sleep(0.05)
        identities = [each.identity for each in self.running]
        for process in self.running:
            self._bury(process, "was stopped", self._store.give_back)
        self._return_claims()
        self._store.beat([each.worker_id for each in identities if each is not None], 0)

    def kill(self) -> None:
        """Kill every process at once."""
        for process in self.running:
            process.kill()

    def _bury(
        self, process: WorkerProcess, how: str, return_claim: Callable[[str, str], None]
    ) -> None:
        process.kill()
        holding = process.holding
        log.event(
            f"worker {process.number} {how}" + (f" in job {holding.job_id}" if holding else "")
        )
        if process.identity is not None:
            worker_id, reason = process.identity.worker_id, f"its worker process {how}"
            self._unreturned.append(partial(self._return_all, worker_id, reason, return_claim))
        process.remove()
        self._processes[process.number] = None
        self._put_off(process)

    def _return_all(
        self, worker_id: str, reason: str, return_claim: Callable[[str, str], None]
    ) -> None:
        """Return what a worker held, also where it died before it could say so."""
        for attempt_id in self._store.held_by(worker_id):
            return_claim(attempt_id, reason)

    def _put_off(self, process: WorkerProcess) -> None:
        """Start its successor at once, but ever later where processes die as they start."""
        hasty = time.monotonic() - process.started_at < HASTY_S
        pause_s = self._pause_s[process.number]
        self._pause_s[process.number] = min(2 * pause_s or 1.0, LONGEST_PAUSE_S) if hasty else 0.0
        self._start_at[process.number] = time.monotonic() + pause_s

    def _return_claims(self) -> None:
        while self._unreturned:
            self._unreturned[0]()
            self._unreturned.popleft()

    def _renew_claims(self) -> None:
        refused = {}
        for process in self.running:
            holding = process.holding
            if holding is None or process.dismissed_for_s is not None or not process.has_ticked():
                continue
            attempt_id = holding.attempt_id
            if not self._store.renew(attempt_id, CLAIM_PERIOD_S):
                refused[attempt_id] = self._refused.get(attempt_id, 0) + 1
                if refused[attempt_id] >= REFUSALS:
                    process.dismiss("its attempt is no longer wanted")
        self._refused = refused

    def _beat(self) -> None:
        found = [process.identity for process in self.running]
        identities = [identity for identity in found if identity is not None]
        for process, identity in zip(self.running, found, strict=True):
            if identity is not None and identity.worker_id not in self._registered:
                self._store.register_worker(identity)
                self._registered.add(identity.worker_id)
                log.event(f"worker {process.number} is up (pid {identity.pid})")
        self._store.beat([identity.worker_id for identity in identities], CLAIM_PERIOD_S)


def _end_of(process: WorkerProcess) -> str | None:
    """How a process has ended or has to be ended now; None where it may go on."""
    if process.death is not None:
        return f"died ({process.death})"
    if process.is_overdue():
        return "was killed: it outlived its job's deadline"
    if process.is_silent():
        return "was killed: its event loop stood still"
    if process.dismissed_for_s is not None and process.dismissed_for_s > STOP_WITHIN_S:
        return "was killed: it did not stop when it was told to"
    return None
