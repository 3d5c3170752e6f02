"""The results database as the other rooms know it: one method a step of a run's life."""

from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Self

from results.attempt_result import AttemptResult
from results.errors import DamagedJobError, UnknownRunError
from results.records import (
    AbandonedAttempt,
    Claim,
    Job,
    JobStatus,
    Progress,
    Run,
    StoredFile,
    StoredRun,
    WorkerIdentity,
)
from results.storage import (
    abandoned,
    attempts,
    claims,
    clock,
    meetings,
    runs,
    stopping,
    turns,
    workers,
)
from results.storage import files as file_storage
from results.storage.database import Database
from results.storage.meetings import Meeting
from results.storage.turns import Turn


class Store:
    """A results database, open; synchronous, and safe to use from several threads.

    Every method raises StoreUnavailableError, one line, where the database fails. All times are
    the database's own, in seconds since the epoch.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def open(cls, url: str) -> Self:
        """Reach a results database within 5 s; its tables are made or upgraded where needed.

        Args:
            url: `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/DATABASE`.

        Raises:
            StoreUnavailableError: It can't be reached, written or understood.
        """
        return cls(Database.open(url))

    @property
    def url(self) -> str:
        """The database's URL without its password."""
        return self.database.url

    def close(self) -> None:
        """Close every connection."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def create_run(self, run: Run, jobs: Sequence[Job], files: Sequence[StoredFile] = ()) -> str:
        """Store a run, its queued jobs and their files: all or nothing.

        Returns:
            The run's id; that of an earlier run where this one's idempotency key is taken, and
            then nothing is stored.

        Raises:
            FileTooLargeError: A file has more than 64 MiB.
        """
        file_storage.check(files)
        with self.database.write() as connection:
            run_id = runs.create(connection, run, jobs)
            if run_id == run.run_id:
                file_storage.store(connection, files)
        return run_id

    def jobs(self, run_id: str) -> tuple[Job, ...]:
        """The jobs of a run as they were planned, in the order of the plan.

        Raises:
            DamagedJobError: One can't be read any more.
        """
        with self.database.read() as connection:
            return runs.planned(connection, run_id)

    def mark_sent(self, job_ids: Sequence[str]) -> None:
        """Remember that these jobs' messages are at the broker."""
        with self.database.write() as connection:
            runs.mark_sent(connection, job_ids)

    def unsent_jobs(self, older_than_s: float) -> list[str]:
        """Queued jobs that were never sent, or longer ago than `older_than_s` seconds."""
        with self.database.read() as connection:
            return runs.unsent(connection, older_than_s)

    def file(self, sha256: str) -> StoredFile:
        """A stored file, its bytes verified.

        Raises:
            UnknownFileError: It is not stored, or its bytes have changed.
        """
        with self.database.read() as connection:
            return file_storage.load(connection, sha256)

    def cancel_run(self, run_id: str) -> int:
        """End every open job of a run; late attempts are rejected. How many jobs there were."""
        with self.database.write() as connection:
            return stopping.cancel(connection, run_id)

    def resume_run(self, run_id: str, services: str) -> int:
        """Queue a run's cancelled and failed jobs again, unsent; how many there were.

        Args:
            run_id: The whole id of the run.
            services: Where its services come from now.

        Raises:
            FinalRunError: It was imported or pruned.
        """
        with self.database.write() as connection:
            return stopping.resume(connection, run_id, services)

    def turn(self, job_id: str) -> Turn:
        """When a job's run, whose groups are done one after another, wants one more worker."""
        with self.database.read() as connection:
            return turns.turn(connection, job_id)

    def claim(
        self, job_id: str, worker: WorkerIdentity, period_s: float, *, in_turn: bool = False
    ) -> Claim | None:
        """Take a queued job for `period_s` seconds; None where there is none to be had.

        Args:
            job_id: The job.
            worker: Who takes it.
            period_s: For how long, unless the claim is renewed.
            in_turn: Whether to take the job of the same run whose turn it is, if any.

        Raises:
            DamagedJobError: Its row can't be read any more; by then it has failed.
        """
        try:
            with self.database.write() as connection:
                return claims.claim(connection, job_id, worker, period_s, in_turn=in_turn)
        except DamagedJobError as error:
            with self.database.write() as connection:
                claims.fail(connection, error.job_id, worker, str(error))
            raise

    def renew(self, attempt_id: str, period_s: float) -> bool:
        """Keep a claim for `period_s` seconds from now; False where it is no longer wanted."""
        with self.database.write() as connection:
            return claims.renew(connection, attempt_id, period_s)

    def finish(self, attempt_id: str, result: AttemptResult) -> bool:
        """Store all that an attempt saw; whether it is its job's accepted attempt."""
        with self.database.write() as connection:
            return attempts.finish(connection, attempt_id, result)

    def give_back(self, attempt_id: str, reason: str) -> None:
        """End a running attempt whose worker was told to stop, and queue its group again."""
        with self.database.write() as connection:
            claims.give_back(connection, attempt_id, reason)

    def give_up(self, attempt_id: str, reason: str) -> None:
        """End a running attempt's whole group as failed, and its running attempts as invalid."""
        with self.database.write() as connection:
            claims.give_up(connection, attempt_id, reason)

    def begin(self, attempt_id: str) -> None:
        """Count an attempt as started now: until then it has only waited for its group."""
        with self.database.write() as connection:
            claims.begin(connection, attempt_id)

    def arrive(self, claim: Claim, meeting: str, content: bytes) -> None:
        """Come to a meeting of a claim's group with something for the other shards."""
        with self.database.write() as connection:
            meetings.arrive(connection, claim, meeting, content)

    def meeting(self, claim: Claim, meeting: str) -> Meeting:
        """Who has come to a meeting of a claim's group so far."""
        with self.database.read() as connection:
            return meetings.look(connection, claim, meeting)

    def handed_over(self, claim: Claim, meeting: str) -> dict[int, bytes]:
        """What each shard has brought to a meeting, by the shard's number."""
        with self.database.read() as connection:
            return meetings.contents(connection, claim, meeting)

    def now_s(self) -> float:
        """The database's time in seconds since the epoch."""
        with self.database.read() as connection:
            return clock.now_s(connection)

    def lose(self, attempt_id: str, reason: str) -> None:
        """End a running attempt whose worker has died; its group is queued again or given up."""
        with self.database.write() as connection:
            claims.lose(connection, attempt_id, reason)

    def held_by(self, worker_id: str) -> list[str]:
        """The running attempts of a worker."""
        with self.database.read() as connection:
            return claims.held_by(connection, worker_id)

    def expired_claims(self) -> list[str]:
        """The running attempts whose claims have run out."""
        with self.database.read() as connection:
            return claims.expired(connection)

    def release_expired(self, suspects: Collection[str]) -> list[str]:
        """End attempts whose claims have run out; the jobs that were held by them.

        Args:
            suspects: Attempts that `expired_claims` named earlier, and whose workers had time to
                renew them since: a database that was away for a moment must not cost an attempt.
        """
        released = []
        for attempt_id in suspects:
            with self.database.write() as connection:
                released.append(claims.release_expired(connection, attempt_id))
        return [job_id for job_id in released if job_id is not None]

    def abandoned_attempts(self) -> list[AbandonedAttempt]:
        """Attempts of ended jobs that may have left something which nobody has cleared since."""
        with self.database.read() as connection:
            return abandoned.abandoned(connection)

    def runs_to_aggregate(self) -> list[str]:
        """Runs whose jobs have all ended and whose figures are not merged and judged yet."""
        with self.database.read() as connection:
            return runs.to_aggregate(connection)

    def run(self, run_id: str) -> StoredRun:
        """The run with this id, or the only one whose id begins so.

        Raises:
            UnknownRunError: There is none, or there are several.
        """
        with self.database.read() as connection:
            return runs.find(connection, run_id)

    def latest_run(self) -> StoredRun:
        """The newest run.

        Raises:
            UnknownRunError: There are no runs yet.
        """
        newest = self.runs(1)
        if not newest:
            raise UnknownRunError("there are no runs yet; start one with `bench run quick`")
        return newest[0]

    def runs(self, last: int) -> list[StoredRun]:
        """The newest `last` runs, newest first."""
        with self.database.read() as connection:
            return runs.last(connection, last)

    def progress(self, run_id: str) -> Progress:
        """How many jobs of a run are in each state."""
        with self.database.read() as connection:
            return runs.progress(connection, run_id)

    def job_rows(self, run_id: str) -> list[JobStatus]:
        """Where each job of a run stands, in the order of the plan."""
        with self.database.read() as connection:
            return runs.job_rows(connection, run_id)

    def register_worker(self, worker: WorkerIdentity) -> None:
        """Remember a worker process."""
        with self.database.write() as connection:
            workers.register(connection, worker)

    def beat(self, worker_ids: Sequence[str], period_s: float) -> None:
        """Count these workers as alive for `period_s` seconds from now; 0 says that they ended."""
        with self.database.write() as connection:
            workers.beat(connection, worker_ids, period_s)

    def live_workers(self) -> list[WorkerIdentity]:
        """The workers that are alive, oldest first."""
        with self.database.read() as connection:
            return workers.alive(connection)
