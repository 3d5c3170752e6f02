"""Worker processes: who started, and who gave a sign of life lately."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from results.records import WorkerIdentity
from results.storage import rows
from results.storage.clock import Now
from results.storage.files import insert_new
from results.tables import workers


def register(connection: Connection, worker: WorkerIdentity) -> None:
    """Remember a worker process; one that is known already stays as it is."""
    insert_new(
        connection,
        workers,
        {**rows.from_worker(worker), "started_at": Now(), "alive_until": Now()},
    )


def beat(connection: Connection, worker_ids: Sequence[str], period_s: float) -> None:
    """Count these workers as alive for `period_s` seconds from now; 0 says that they ended."""
    if worker_ids:
        alive = update(workers).where(workers.c.worker_id.in_(worker_ids))
        connection.execute(alive.values(alive_until=Now() + period_s))


def alive(connection: Connection) -> list[WorkerIdentity]:
    """The workers that are alive, oldest first."""
    found = connection.execute(
        select(workers.c.worker_id, workers.c.host, workers.c.pid)
        .where(workers.c.alive_until > Now())
        .order_by(workers.c.started_at, workers.c.worker_id)
    )
    return [WorkerIdentity(**row) for row in found.mappings()]
