"""Whatever dies during a run, each of its jobs is accepted once, and nothing is left behind."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest
import redis
from pytest_postgresql.executors import PostgreSQLExecutor
from sqlalchemy import select

from pipeline.load import ClosedLoad
from pipeline.scenario import Phase
from pipeline.subject import SubjectSettings
from results.records import WorkerIdentity
from results.tables import attempts
from tests.support.postgres import database_of, postgresql
from tests.support.servers import EmbeddedRedis
from tests.support.waiting import wait_until
from tests.workers.scenarios import a_spec
from tests.workers.supervised import Bench, family, wait_for_end

pytestmark = [pytest.mark.story, pytest.mark.resilience, pytest.mark.timeout(500)]

JOBS = 60
KILL_EVERY_S = 5.0
KILL_FOR_S = 120.0
AWAY_S = 60.0
MIXED = ClosedLoad(users=2, duration_s=1.5, think_time_s=0.01, mix={"get": 1, "set": 1})
LASTING = SubjectSettings(l2_default_ttl="none", l3_default_ttl="none")
ON_SHARED_TIERS = a_spec(Phase(name="steady", load=MIXED), settings=LASTING)
ON_AN_OWN_SERVER = a_spec(Phase(name="steady", load=MIXED), l2_server="own")


@pytest.fixture
def bench(tmp_path: Path, own_redis: EmbeddedRedis) -> Iterator[Bench]:
    """Services of the story's own, with a folder for temporary files that nobody else uses."""
    with closing(Bench(tmp_path, own_redis.url)) as bench:
        _give_temporary_files_a_place(bench)
        yield bench


@pytest.fixture(scope="module")
def postgresql_to_stop() -> Iterator[PostgreSQLExecutor]:
    """A PostgreSQL server of this module's own."""
    with postgresql() as server:
        yield server


def test_every_job_is_accepted_once_though_workers_are_killed(
    bench: Bench, own_redis: EmbeddedRedis
) -> None:
    """Every 5 s for 2 minutes: a process, a stopped one, or the group with all that it started."""
    bench.enqueue(*[ON_SHARED_TIERS, ON_AN_OWN_SERVER] * (JOBS // 2))
    ways = [_kill, _kill_with_its_family] * 5 + [_stop]
    choice = random.Random(5)
    with bench.supervised("--processes", "2") as supervisor:
        end_at = time.monotonic() + KILL_FOR_S
        while time.monotonic() < end_at:
            time.sleep(KILL_EVERY_S)
            working = _workers(bench)
            if working:
                choice.choice(ways)(choice.choice(working).pid)
        bench.wait_for_states(*["completed"] * JOBS, within_s=240)
        processes = family(supervisor)
    wait_for_end(processes)
    outcomes = _outcomes(bench)
    assert all(found["accepted"] == 1 for found in outcomes.values()), outcomes
    assert len(outcomes) == JOBS
    assert sum(found["lost"] for found in outcomes.values()) >= KILL_FOR_S / KILL_EVERY_S / 4
    assert _left_behind(bench, own_redis) == []


def test_a_broker_that_forgets_all_in_mid_run_costs_nothing(
    bench: Bench, own_redis: EmbeddedRedis
) -> None:
    """Its messages are sent again by themselves, and no job is done twice."""
    bench.enqueue(*[ON_SHARED_TIERS] * 4)
    with bench.supervised("--processes", "2"):
        wait_until(lambda: _workers(bench), 30.0, what="a job under way")
        own_redis.restart()
        bench.wait_for_states(*["completed"] * 4)
    assert all(found["accepted"] == 1 for found in _outcomes(bench).values())
    assert "sent again" in bench.said()


@pytest.mark.postgresql
def test_what_was_measured_waits_for_the_results_database(
    tmp_path: Path, own_redis: EmbeddedRedis, postgresql_to_stop: PostgreSQLExecutor
) -> None:
    """A minute without it: the attempt under way is stored afterwards, as the first and only."""
    with (
        database_of(postgresql_to_stop) as url,
        closing(Bench(tmp_path, own_redis.url, url)) as bench,
    ):
        bench.enqueue(*[ON_SHARED_TIERS] * 3)
        with bench.supervised():
            wait_until(lambda: _workers(bench), 30.0, what="a job under way")
            postgresql_to_stop.stop()
            time.sleep(AWAY_S)
            postgresql_to_stop.start()
            bench.wait_for_states(*["completed"] * 3)
        assert _outcomes(bench) == {f"run-1-{number}": {"accepted": 1} for number in range(3)}
        assert "trying again" in bench.said()


def test_a_worker_that_can_not_stop_is_killed_and_its_job_handed_back(bench: Bench) -> None:
    """Within the grace that is promised, also where it can't hear the word to stop."""
    bench.enqueue(a_spec(Phase(name="steady", load=ClosedLoad(duration_s=60.0, think_time_s=0.1))))
    supervisor = bench.start()
    (worker,) = wait_until(lambda: _workers(bench), 30.0, what="a job under way")
    processes = family(supervisor)
    _stop(worker.pid)
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(timeout=15) == 0
    wait_for_end(processes)
    (row,) = bench.rows()
    assert row.state == "queued"


def _give_temporary_files_a_place(bench: Bench) -> None:
    place = bench.folder / "tmp"
    place.mkdir()
    bench.environment["TMPDIR"] = str(place)


def _workers(bench: Bench) -> list[WorkerIdentity]:
    """Those that are at a job."""
    return [row.worker for row in bench.rows() if row.state == "running" and row.worker is not None]


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _stop(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)


def _kill_with_its_family(pid: int) -> None:
    """Its process group, and the servers that it has started, which are in groups of their own."""
    with suppress(ProcessLookupError, psutil.NoSuchProcess):
        servers = psutil.Process(pid).children(recursive=True)
        os.killpg(os.getpgid(pid), signal.SIGKILL)
        for server in servers:
            server.kill()


def _outcomes(bench: Bench) -> dict[str, Counter[str]]:
    """How the attempts at each job ended."""
    with bench.store.database.read() as connection:
        found = connection.execute(select(attempts.c.job_id, attempts.c.outcome)).all()
    outcomes: dict[str, Counter[str]] = {row.job_id: Counter() for row in found}
    for row in found:
        outcomes[row.job_id][row.outcome] += 1
    return outcomes


def _left_behind(bench: Bench, server: EmbeddedRedis) -> list[str]:
    """Processes, files, keys in L2 and rows in L3 that outlived the run."""
    left = [str(process) for process in psutil.process_iter() if _is_of(bench, process)]
    left += [str(path) for path in (bench.folder / "tmp").iterdir()]
    with redis.Redis.from_url(f"{server.url.removesuffix('/0')}/1") as l2:
        # What tells a cleared namespace from one that nobody used ends by itself.
        left += [str(key) for key in l2.scan_iter("*") if not key.startswith(b"floor~")]
    return left + sorted(bench.l3_namespaces())


def _is_of(bench: Bench, process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.environ().get("TMPDIR") == bench.environment["TMPDIR"]
    return False
