"""The supervisor with real processes, a real broker and a real database; everything is killed."""

import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
import redis

from pipeline.broker import make_broker, send_aggregation
from pipeline.letters import QUEUE
from pipeline.load import ClosedLoad
from pipeline.plan import Plan
from pipeline.scenario import Phase
from pipeline.subject import SubjectSettings
from results.storage.groups import MAX_CLAIMS
from tests.results.build import WORKER, a_job, a_run
from tests.support.servers import EmbeddedRedis
from tests.support.waiting import wait_until
from tests.workers.scenarios import a_spec
from tests.workers.supervised import Bench, family, wait_for_end

QUEUE_KEY = f"tierbench:dramatiq:{QUEUE}"
QUICK = a_spec(Phase(name="steady", load=ClosedLoad(users=2, operations=100)))
LONG = a_spec(
    Phase(name="steady", load=ClosedLoad(users=2, duration_s=3.0, think_time_s=0.01)),
    l2_server="own",
)
SHARED = a_spec(
    Phase(
        name="steady",
        load=ClosedLoad(users=2, duration_s=3.0, think_time_s=0.01, mix={"get": 1, "set": 1}),
    ),
    settings=SubjectSettings(l2_default_ttl="none", l3_default_ttl="none"),
)


@pytest.fixture
def bench(tmp_path: Path, own_redis: EmbeddedRedis) -> Iterator[Bench]:
    """Services of the test's own."""
    bench = Bench(tmp_path, own_redis.url)
    yield bench
    bench.close()


def test_a_run_is_done_in_a_folder_that_means_ill(bench: Bench) -> None:
    """Foreign packages of our names in the current folder are never imported."""
    for name in ("cache", "workers", "pipeline", "results"):
        (bench.folder / name).mkdir()
        (bench.folder / name / "__init__.py").write_text("raise SystemExit('hostile')")
    (bench.folder / "dramatiq.py").write_text("raise SystemExit('hostile')")
    bench.enqueue(QUICK, QUICK, QUICK)
    with bench.supervised("--processes", "2", "--samples", "raw"):
        bench.wait_for_states("completed", "completed", "completed")
        bench.wait_for_aggregation()
    assert bench.outcomes() == {"accepted": 1}
    assert len(list((bench.folder / "raw").glob("*.npz"))) == 3
    assert "hostile" not in bench.said()


def test_a_job_that_raises_is_failed_with_its_reason(
    bench: Bench, own_redis: EmbeddedRedis
) -> None:
    """It is not tried again, and the others go on; what nobody can read is a dead letter."""
    nobody = a_spec(Phase(name="steady", load=ClosedLoad(operations=1)), subject="nobody")
    unreadable = a_job("run-2", spec={"scenario": "of another version"})
    with redis.Redis.from_url(own_redis.url) as client:
        client.hset(f"{QUEUE_KEY}.msgs", "poison", b"\xff")
        client.rpush(QUEUE_KEY, "poison")
        bench.send(Plan(a_run("run-2"), (unreadable,), ()))
        with closing(make_broker(own_redis.url)) as broker:
            send_aggregation(broker, "of-nobody")
        bench.enqueue(nobody, QUICK)
        with bench.supervised():
            failed, _completed = bench.wait_for_states("failed", "completed")
            (unread,) = bench.wait_for_states("failed", run_id="run-2")
        assert client.hlen(f"{QUEUE_KEY}.XQ.msgs") == 3
    assert failed.reason is not None
    assert failed.reason.startswith("SubjectError: subject 'nobody' is not installed")
    assert bench.outcomes() == {"failed": 1}
    assert unread.reason is not None
    assert unread.reason.startswith("JobSpecError: job specification: scenario:")
    (line,) = [line for line in bench.said().splitlines() if "dead letters" in line]
    assert r"it is no message: b'\xff'" in line
    assert "Traceback" not in bench.said()


@pytest.mark.resilience
def test_a_worker_killed_in_mid_job_costs_one_attempt(bench: Bench) -> None:
    """Its own server dies with it, the job is done again, and counted once."""
    bench.enqueue(LONG)
    with bench.supervised() as supervisor:
        (row,) = bench.wait_for_states("running")
        assert row.worker is not None
        wait_until(lambda: len(_servers(bench)) == 1, what="the job's own server")
        (server,) = _servers(bench)
        psutil.Process(row.worker.pid).kill()
        wait_for_end([server])
        wait_until(lambda: bench.outcomes()["lost"] == 1, what="the lost attempt")
        (again,) = bench.wait_for_states("completed")
        bench.wait_for_aggregation()
        assert supervisor.poll() is None
    assert again.attempt == 2
    assert bench.outcomes() == {"lost": 1, "accepted": 1}
    assert "worker 1 died (killed by signal 9) in job run-1-0" in bench.said()


@pytest.mark.resilience
def test_what_a_killed_attempt_left_in_shared_tiers_is_cleared(
    bench: Bench, own_redis: EmbeddedRedis
) -> None:
    """Its keys and rows, some without a TTL, are gone after the next attempt, as that one's are."""
    bench.enqueue(SHARED)
    with (
        bench.supervised(),
        redis.Redis.from_url(f"{own_redis.url.removesuffix('/0')}/1") as l2,
    ):
        (row,) = bench.wait_for_states("running")
        assert row.worker is not None
        left = "tierbench:run-1-0-1"
        in_l2 = left.replace(":", "%3A")
        wait_until(
            lambda: any(l2.scan_iter(f"{in_l2}:*")) and left in bench.l3_namespaces(),
            what="keys of the attempt",
        )
        psutil.Process(row.worker.pid).kill()
        bench.wait_for_states("completed")
        assert bench.outcomes() == {"lost": 1, "accepted": 1}
        # What tells a cleared namespace from one that nobody used ends by itself.
        assert {key.partition(b"~")[0] for key in l2.scan_iter("*")} <= {b"floor"}
    assert bench.l3_namespaces() == set()


@pytest.mark.resilience
def test_a_jobs_last_attempt_fails_it_as_its_process_dies(bench: Bench) -> None:
    """At once, and with what happened to the process instead of a claim that ran out."""
    bench.enqueue(LONG)
    for number in range(MAX_CLAIMS - 1):
        lost = bench.store.claim("run-1-0", WORKER, 0)
        assert lost is not None
        bench.store.lose(lost.attempt_id, f"its worker died ({number})")
    with bench.supervised():
        (row,) = bench.wait_for_states("running")
        assert row.worker is not None
        psutil.Process(row.worker.pid).kill()
        (failed,) = bench.wait_for_states("failed")
    assert failed.reason is not None
    assert failed.reason.startswith("its worker process died")
    assert failed.reason.endswith(f"; given up after {MAX_CLAIMS} attempts")


@pytest.mark.resilience
def test_told_to_stop_it_gives_back_and_leaves_nothing(bench: Bench) -> None:
    """The job is queued again at once, no process is left, and the exit code is 0."""
    bench.enqueue(LONG)
    supervisor = bench.start()
    bench.wait_for_states("running")
    processes = family(supervisor)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(timeout=20) == 0
    wait_for_end(processes)
    (row,) = bench.rows()
    assert row.state == "queued"
    assert bench.outcomes() == {"lost": 1}
    assert bench.store.live_workers() == []


@pytest.mark.resilience
@pytest.mark.story
def test_a_second_supervisor_takes_over_from_a_dead_one(bench: Bench) -> None:
    """The processes of the dead one end by themselves, and the job is done elsewhere."""
    bench.enqueue(LONG)
    supervisor = bench.start()
    bench.wait_for_states("running")
    processes = family(supervisor)
    supervisor.kill()
    supervisor.wait()
    wait_for_end(processes)
    with bench.supervised():
        bench.wait_for_states("completed")
    assert bench.outcomes()["accepted"] == 1


@pytest.mark.resilience
@pytest.mark.story
def test_nothing_outlives_a_supervisor_that_died_with_all_services(
    bench: Bench, own_redis: EmbeddedRedis
) -> None:
    """A worker that can neither give back nor acknowledge ends all the same, and its server too."""
    bench.enqueue(LONG)
    with bench.supervised() as supervisor:
        bench.wait_for_states("running")
        wait_until(lambda: len(_servers(bench)) == 1, what="the job's own server")
        processes = family(supervisor)
        own_redis.kill()
        with bench.results_locked():
            supervisor.kill()
            supervisor.wait()
            wait_for_end(processes)


@pytest.mark.resilience
@pytest.mark.story
def test_a_stopped_worker_loses_its_claim_to_another(bench: Bench) -> None:
    """Its event loop does not tick, so nobody renews; coming back late it changes nothing."""
    bench.enqueue(LONG)
    with bench.supervised("--processes", "2"):
        (row,) = bench.wait_for_states("running")
        assert row.worker is not None
        stopped = psutil.Process(row.worker.pid)
        stopped.suspend()
        bench.wait_for_states("completed")
        stopped.resume()
        bench.enqueue(QUICK, QUICK, QUICK, run_id="run-2")
        bench.wait_for_states("completed", "completed", "completed", run_id="run-2")
    assert bench.outcomes() in ({"accepted": 1, "lost": 1}, {"accepted": 1, "rejected": 1})


def test_a_cancelled_job_is_stopped(bench: Bench) -> None:
    """Its process does not go on for a run that nobody wants."""
    endless = a_spec(Phase(name="steady", load=ClosedLoad(duration_s=100.0, think_time_s=0.01)))
    bench.enqueue(endless)
    with bench.supervised():
        bench.wait_for_states("running")
        bench.store.cancel_run("run-1")
        wait_until(
            lambda: "no longer wanted" in bench.said(), 30.0, what="the end of the cancelled job"
        )
        bench.enqueue(QUICK, run_id="run-2")
        bench.wait_for_states("completed", run_id="run-2")


@pytest.mark.parametrize(
    ("variable", "url", "text"),
    [
        ("BENCH_BROKER_URL", "redis://u:sesame@127.0.0.1:1/0", "the broker at redis://u:***@"),
        ("BENCH_RESULTS_URL", "postgresql://u:sesame@127.0.0.1:1/x", "the results database"),
    ],
)
def test_a_service_that_does_not_answer_is_one_line(
    bench: Bench, variable: str, url: str, text: str
) -> None:
    """Exit code 1, what was tried, and no password."""
    bench.environment[variable] = url
    assert bench.start().wait(timeout=20) == 1
    (line,) = bench.said().splitlines()
    assert text in line
    assert "sesame" not in line


def _servers(bench: Bench) -> list[psutil.Process]:
    """Valkey servers that descend from the worker that holds the run's job."""
    (row,) = bench.rows()
    assert row.worker is not None
    children = psutil.Process(row.worker.pid).children(recursive=True)
    return [child for child in children if "valkey" in child.name()]
