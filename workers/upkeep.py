"""What a supervisor does for runs beside its own processes: nothing sent is lost for long."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dramatiq.brokers.redis import RedisBroker

from pipeline.broker import queue_length, send_aggregation, send_job
from pipeline.errors import ServiceUnavailableError
from results.errors import StoreUnavailableError
from results.store import Store
from workers import log
from workers.job import CLAIM_PERIOD_S

RESEND_AFTER_S = 3.0
AGGREGATE_AGAIN_AFTER_S = 15.0


class Outages:
    """Says once that a service went away, and once that it is back.

    Args:
        clock: Seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._away: set[str] = set()
        self._store_since_s = clock()

    @property
    def judging(self) -> bool:
        """Whether silence means death: not before the database was there for a claim period.

        While it was away, or before this supervisor was there to see, nobody could renew.
        """
        return "store" not in self._away and self._clock() - self._store_since_s > CLAIM_PERIOD_S

    @contextmanager
    def waited_out(self, *services: str) -> Iterator[None]:
        """Turn an outage in the body into a line, and go on.

        Args:
            services: What the body needs: `store`, `broker`.
        """
        try:
            yield
        except StoreUnavailableError as error:
            self._note("store", str(error))
        except ServiceUnavailableError as error:
            self._note("broker", str(error))
        else:
            for service in self._away.intersection(services):
                self._back(service)

    def _note(self, service: str, text: str) -> None:
        if service not in self._away:
            self._away.add(service)
            log.event(f"{text}; waiting for it")

    def _back(self, service: str) -> None:
        self._away.remove(service)
        if service == "store":
            self._store_since_s = self._clock()
        log.event(f"the {'results database' if service == 'store' else service} is back")


class Upkeep:
    """Sends again what got lost, and ends claims that ran out.

    Args:
        store: The results database.
        broker: Where messages go.
        outages: Knows whether silence may be judged.
    """

    def __init__(self, store: Store, broker: RedisBroker, outages: Outages) -> None:
        self._store = store
        self._broker = broker
        self._outages = outages
        self._asked: dict[str, float] = {}
        self._suspects: list[str] = []

    def run(self) -> None:
        """Do all of it once.

        Raises:
            StoreUnavailableError: The results database is away.
            ServiceUnavailableError: The broker is away.
        """
        self._release_expired()
        self._send_jobs(queue_is_empty=queue_length(self._broker) == 0)
        self._send_aggregations()

    def _release_expired(self) -> None:
        """End the claims that had run out already when this was last done.

        A database may stand still for longer than a claim lasts without any call of it failing;
        those that hold claims then renew them before the second look.
        """
        suspects, self._suspects = self._suspects, []
        if not self._outages.judging:
            return
        if suspects:
            for job_id in self._store.release_expired(suspects):
                log.event(f"job {job_id} released: its claim ran out")
        self._suspects = self._store.expired_claims()

    def _send_jobs(self, *, queue_is_empty: bool) -> None:
        """Send queued jobs that no message stands for any more.

        While messages wait in the queue a job's own may be among them; behind an empty queue it
        is lost, or waits in a process that is busy with another job.
        """
        waiting = self._store.unsent_jobs(RESEND_AFTER_S)
        if waiting and queue_is_empty:
            for job_id in waiting:
                send_job(self._broker, job_id)
            self._store.mark_sent(waiting)
            log.event(f"{len(waiting)} jobs sent again, from {waiting[0]} on")

    def _send_aggregations(self) -> None:
        """Ask for aggregations that nobody has finished; the first look only takes note.

        The worker that ended a run's last job asks too.
        """
        now = time.monotonic()
        due = self._store.runs_to_aggregate()
        for run_id in due:
            asked = self._asked.get(run_id)
            if asked is not None and now >= asked:
                send_aggregation(self._broker, run_id)
            if asked is None:
                self._asked[run_id] = now + 1.0
            elif now >= asked:
                self._asked[run_id] = now + AGGREGATE_AGAIN_AFTER_S
        self._asked = {run_id: at for run_id, at in self._asked.items() if run_id in due}
