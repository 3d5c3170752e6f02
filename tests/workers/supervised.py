"""A real supervisor with real processes, in a folder of its own, for tests to kill."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
from sqlalchemy import select

from pipeline.broker import make_broker
from pipeline.enqueue import enqueue
from pipeline.jobspec import encode
from pipeline.plan import Plan
from pipeline.scenario import JobSpec
from results.records import Job, JobStatus
from results.store import Store
from results.tables import attempts
from tests.results.build import a_job, a_run
from tests.support.waiting import wait_until

WITHIN_S = 60.0
_NAMESPACES = "SELECT DISTINCT namespace FROM cache_entries"


class Bench:
    """A broker, a results database, and the supervisors that work on them.

    Args:
        folder: Where supervisors start and databases lie.
        broker_url: A server of the test's own.
        results_url: Where results are kept; in an SQLite file of the folder where None.
    """

    def __init__(self, folder: Path, broker_url: str, results_url: str | None = None) -> None:
        self.folder = folder
        self.results_url = results_url or f"sqlite:///{folder / 'results.db'}"
        self.environment = {
            **os.environ,
            "BENCH_BROKER_URL": broker_url,
            "BENCH_RESULTS_URL": self.results_url,
            "BENCH_L3_URL": f"sqlite:///{folder / 'l3.db'}",
        }
        self.store = Store.open(self.results_url)
        self._broker = make_broker(broker_url)
        self._log = folder / "supervisor.log"

    def close(self) -> None:
        """Let go of both."""
        self.store.close()
        self._broker.close()

    def enqueue(self, *specs: JobSpec, run_id: str = "run-1", max_attempts: int = 3) -> None:
        """Plan a run of one job for each specification, and send it."""
        run = a_run(run_id, names=("small",), services="urls")
        jobs = tuple(
            _job(run_id, position, spec, max_attempts) for position, spec in enumerate(specs)
        )
        self.send(Plan(run, jobs, ()))

    def send(self, plan: Plan) -> None:
        """Write a planned run and send it."""
        enqueue(self.store, self._broker, plan)

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start a supervisor as `bench worker` does; what it says goes to a file."""
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "workers.supervisor", *arguments],
                cwd=self.folder,
                env=self.environment,
                stderr=log,
            )

    @contextmanager
    def supervised(self, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
        """A supervisor that is stopped, and what it left killed, whatever happens."""
        supervisor = self.start(*arguments)
        seen: list[psutil.Process] = []
        try:
            yield supervisor
        finally:
            seen = family(supervisor)
            supervisor.send_signal(signal.SIGTERM)
            supervisor.wait(timeout=20)
            psutil.wait_procs(seen, timeout=5)
            for process in seen:
                if process.is_running():
                    process.kill()

    def rows(self, run_id: str = "run-1") -> list[JobStatus]:
        """Where the jobs stand."""
        return self.store.job_rows(run_id)

    def wait_for_states(
        self, *states: str, run_id: str = "run-1", within_s: float = WITHIN_S
    ) -> list[JobStatus]:
        """Wait until the run's jobs are in these states, in their order."""

        def reached() -> bool:
            return tuple(row.state.value for row in self.rows(run_id)) == states

        wait_until(reached, within_s, what=f"jobs {states}", diagnosis=self.said)
        return self.rows(run_id)

    def wait_for_aggregation(self, run_id: str = "run-1") -> None:
        """Wait until the run's figures are merged and judged."""
        wait_until(
            lambda: self.store.run(run_id).aggregated_at_s is not None,
            WITHIN_S,
            what="aggregation",
            diagnosis=self.said,
        )

    def outcomes(self, job_id: str = "run-1-0") -> Counter[str]:
        """How the attempts at a job ended."""
        with self.store.database.read() as connection:
            found = connection.execute(
                select(attempts.c.outcome).where(attempts.c.job_id == job_id)
            )
            return Counter(found.scalars())

    @contextmanager
    def results_locked(self) -> Iterator[None]:
        """Keep everybody from writing to the results database."""
        path = self.folder / "results.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            yield
            holder.execute("ROLLBACK")

    def l3_namespaces(self) -> set[str]:
        """The namespaces of which L3 holds rows."""
        with closing(sqlite3.connect(self.folder / "l3.db")) as l3:
            return {namespace for (namespace,) in l3.execute(_NAMESPACES)}

    def said(self) -> str:
        """All that supervisors and their processes have said."""
        return self._log.read_text() if self._log.exists() else ""


def family(supervisor: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    """The processes that it has started, and theirs."""
    try:
        return psutil.Process(supervisor.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def wait_for_end(processes: Sequence[psutil.Process]) -> None:
    """Wait until none of them runs any more."""
    _gone, alive = psutil.wait_procs(processes, timeout=20)
    assert alive == [], "some processes did not end"


def _job(run_id: str, position: int, spec: JobSpec, max_attempts: int) -> Job:
    return a_job(
        run_id,
        position,
        scenario=spec.scenario.name,
        subject=spec.subject,
        repeat=position,
        deadline_s=spec.scenario.deadline_s,
        max_attempts=max_attempts,
        expectations=spec.scenario.expectations,
        spec=encode(spec),
    )
