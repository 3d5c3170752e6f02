"""Whole attempts in this process, on real services."""

import asyncio
import dataclasses
import hashlib
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import redis
import sqlalchemy

from pipeline.data import Data
from pipeline.load import ClosedLoad, KeyChoice, TraceLoad
from pipeline.scenario import Fault, Phase
from pipeline.subject import SubjectSettings
from results.records import LostAttempt, StoredFile
from tests.support.postgres import database_of, postgresql
from tests.support.servers import DockerRedis
from tests.support.waiting import wait_until_async
from tests.workers.faults.pretended import PretendedFault, pretending
from tests.workers.scenarios import a_spec, an_assignment, observed, operations
from workers.attempt import Assignment
from workers.execute import execute
from workers.faults.ground import Ground

MIX = {"get": 8.0, "set": 2.0, "delete": 0.5, "get_many": 1.0, "set_many": 0.5}


def _keys_left(redis_url: str, namespace: str) -> list[bytes]:
    with redis.Redis.from_url(redis_url) as client:
        return list(client.scan_iter(match=f"*{namespace}*"))


def _rows_left(l3_url: str) -> int:
    engine = sqlalchemy.create_engine(l3_url)
    try:
        with engine.connect() as connection:
            tables = sqlalchemy.inspect(connection).get_table_names()
            return sum(
                connection.exec_driver_sql(
                    f"SELECT count(*) FROM {table} WHERE namespace IS NOT NULL"
                ).scalar_one()
                for table in tables
                if "namespace"
                in {column["name"] for column in sqlalchemy.inspect(connection).get_columns(table)}
            )
    finally:
        engine.dispose()


def _names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_an_attempt_sees_everything_and_leaves_nothing(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """Counts agree with each other and with the subject's own; the shared tiers are clean."""
    spec = a_spec(
        Phase(name="fill", warmup=True, load=ClosedLoad(users=2, operations=100)),
        Phase(name="steady", load=ClosedLoad(users=5, operations=200, mix=MIX)),
        Phase(name="again", before=("empty_l1", "warm"), load=ClosedLoad(operations=100)),
        data=Data(kind="mixed", keys=50),
    )
    result = await execute(an_assignment(spec, namespace, redis_url, sqlite_url))
    assert (result.error, result.invalid_reason) == (None, None)
    assert operations(result, phase="fill") == 200
    assert operations(result, phase="steady") == 1_000
    assert operations(result, phase="again", outcome="ok") == 100
    assert observed(result, "statistics_mismatches") == 0
    assert observed(result, "distinct_keys") == 50
    assert observed(result, "warmed_keys", "again") > 0
    assert observed(result, "reads_l1", "again") == operations(result, phase="again", tier="l1")
    for metric in ("wrong_values", "stale_reads", "resurrected_reads"):
        assert observed(result, metric, "steady") == 0
    assert observed(result, "values_checked", "steady") > 800
    assert [span.phase for span in result.phases] == ["fill", "steady", "again"]
    assert all(interval.warmup is (interval.phase == "fill") for interval in result.intervals)
    assert "l2 valkey 9" in result.environment.environment_class
    assert _keys_left(redis_url, namespace) == []
    assert _rows_left(sqlite_url) == 0


async def test_the_same_seed_asks_for_the_same_operations(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """Two attempts at one job differ in their times alone."""
    load = ClosedLoad(users=1, operations=300, mix=MIX)
    spec = a_spec(Phase(name="steady", load=load), subject="multilevel")
    results = [
        await execute(an_assignment(spec, f"{namespace}-{turn}", redis_url, sqlite_url))
        for turn in range(2)
    ]
    for operation in MIX:
        first, second = (operations(result, operation=operation) for result in results)
        assert first == second > 0


async def test_the_null_subject_loads_every_read_and_claims_no_tier(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """It names what it lacks, and no figure of that is given."""
    spec = a_spec(Phase(name="steady", load=ClosedLoad(operations=50)), subject="null")
    result = await execute(an_assignment(spec, namespace, redis_url, sqlite_url))
    assert observed(result, "loads", "steady") == 50
    assert {"l1", "l1_hit_ratio", "statistics_mismatches"} <= set(result.unsupported)
    assert not {each.metric for each in result.observations} & set(result.unsupported)


async def test_a_trace_is_replayed_in_its_order(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """A cache of one entry hits exactly where a key follows itself."""
    keys = [7, 7, 8, 8, 8, 7, 9]
    content = np.array(keys, dtype=">i4").tobytes()
    digest = hashlib.sha256(content).hexdigest()
    file = StoredFile(sha256=digest, name="tiny.trace", content=content)
    settings = SubjectSettings(
        preset="warming_disabled", l1_max_size=1, l1_default_ttl="none", l2_default_ttl="none"
    )
    spec = a_spec(Phase(name="replay", load=TraceLoad(trace=digest)), settings=settings)
    result = await execute(
        an_assignment(spec, namespace, redis_url, sqlite_url, files={digest: file}.__getitem__)
    )
    assert result.error is None
    assert operations(result, operation="get") == len(keys)
    assert observed(result, "reads_l1", "replay") == 3
    assert observed(result, "reads_origin", "replay") == 3
    assert observed(result, "distinct_keys") == 3


async def test_a_file_with_other_bytes_is_refused(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """A trace is known by its SHA-256, whatever the database says."""
    digest = "0" * 64
    file = StoredFile(sha256=digest, name="tiny.trace", content=b"\0\0\0\1")
    spec = a_spec(Phase(name="replay", load=TraceLoad(trace=digest)))
    result = await execute(
        an_assignment(spec, namespace, redis_url, sqlite_url, files=lambda _digest: file)
    )
    assert result.error is not None
    assert result.error.startswith("FileMismatchError: file tiny.trace: expected SHA-256 0000")


async def test_a_twitter_trace_reads_writes_and_deletes(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """Sets and deletes of a trace are done as such, and what they leave is checked."""
    content = b"0,a,1,40,1,set,0\n1,a,1,40,1,get,0\n2,a,1,0,1,delete,0\n3,a,1,40,2,get,0\n"
    digest = hashlib.sha256(content).hexdigest()
    file = StoredFile(sha256=digest, name="tiny.csv", content=content)
    spec = a_spec(Phase(name="replay", load=TraceLoad(trace=digest)))
    result = await execute(
        an_assignment(spec, namespace, redis_url, sqlite_url, files=lambda _digest: file)
    )
    assert result.error is None
    counts = {each: operations(result, operation=each) for each in ("get", "set", "delete")}
    assert counts == {"get": 2, "set": 1, "delete": 1}
    assert observed(result, "reads_l1", "replay") == 1
    assert observed(result, "reads_origin", "replay") == 1
    assert observed(result, "resurrected_reads", "replay") == 0


async def test_a_deadline_ends_a_job_inside_its_coroutine(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """It fails with one line, and its keys are gone like any other's."""
    spec = a_spec(Phase(name="long", load=ClosedLoad(duration_s=60.0)), deadline_s=0.5)
    result = await execute(an_assignment(spec, namespace, redis_url, sqlite_url))
    assert result.error == "DeadlineExceededError: it took longer than its deadline of 0.5 s"
    assert result.execution_time_s < 30
    assert _keys_left(redis_url, namespace) == []


async def test_a_cancelled_attempt_leaves_nothing(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """Its run may have been cancelled, so that no next attempt would remove it."""
    spec = a_spec(Phase(name="steady", load=ClosedLoad(duration_s=30.0, think_time_s=0.01)))
    running = asyncio.create_task(execute(an_assignment(spec, namespace, redis_url, sqlite_url)))
    await wait_until_async(lambda: _keys_left(redis_url, namespace), what="its keys")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert _keys_left(redis_url, namespace) == []
    assert _rows_left(sqlite_url) == 0


async def test_a_subject_that_nobody_installed_is_an_error_in_one_line(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """The line says which subjects there are."""
    spec = a_spec(Phase(name="steady", load=ClosedLoad(operations=1)), subject="nobody")
    result = await execute(an_assignment(spec, namespace, redis_url, sqlite_url))
    assert result.error is not None
    assert "subject 'nobody' is not installed on this worker (has: " in result.error
    assert " null, " in result.error


async def test_an_l2_that_is_gone_is_an_error_without_its_password(
    sqlite_url: str, namespace: str
) -> None:
    """What a server's absence is called has no secret in it."""
    spec = a_spec(Phase(name="steady", load=ClosedLoad(operations=1)))
    gone = "redis://user:sesame@127.0.0.1:1/0"
    result = await execute(an_assignment(spec, namespace, gone, sqlite_url))
    assert result.error is not None
    assert "sesame" not in result.error


async def test_too_few_samples_are_no_measurement(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """A timed phase that came to a few operations is invalid, and says why."""
    load = ClosedLoad(duration_s=0.1, think_time_s=0.05)
    spec = a_spec(Phase(name="idle", load=load))
    result = await execute(an_assignment(spec, namespace, redis_url, sqlite_url))
    assert result.error is None
    assert result.invalid_reason is not None
    assert "phase idle" in result.invalid_reason
    assert "are too few" in result.invalid_reason


async def test_raw_timings_are_those_of_the_histograms(
    redis_url: str, sqlite_url: str, namespace: str, tmp_path: Path
) -> None:
    """The file of samples holds each operation that the intervals count."""
    spec = a_spec(
        Phase(name="steady", load=ClosedLoad(operations=200, keys=KeyChoice(distribution="zipf")))
    )
    path = tmp_path / "samples" / "one.npz"
    result = await execute(an_assignment(spec, namespace, redis_url, sqlite_url, samples=path))
    with np.load(path) as samples:
        assert len(samples["duration_ns"]) == 200
        total = sum(interval.histogram.sum_ns for interval in result.intervals)
        assert samples["duration_ns"].sum() == total
        assert samples["phases"].tolist() == ["steady"]


@pytest.mark.resilience
@pytest.mark.parametrize("kind", ["l2_kill", "l2_stop"])
async def test_a_fault_takes_effect_is_mended_and_seen_by_health(
    kind: str, redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """Its window lies in the phase, in order; the subject's health follows it down and up."""
    load = ClosedLoad(users=2, duration_s=4.0, think_time_s=0.002, mix={"get": 4.0, "set": 1.0})
    faults = (Fault(kind=kind, at_s=0.5, duration_s=1.0),)
    spec = a_spec(Phase(name="broken", load=load, faults=faults), l2_server="own")
    result = await execute(an_assignment(spec, namespace, redis_url, sqlite_url))
    assert (result.error, result.invalid_reason) == (None, None)
    (window,), (span,) = result.fault_windows, result.phases
    assert window.effective_s is not None
    assert window.cleared_s is not None
    assert span.start_s < window.requested_s < window.effective_s < window.cleared_s < span.end_s
    assert window.cleared_s - window.effective_s >= 1.0
    turns = {(each.what, each.state) for each in result.changes}
    assert {("health", "degraded"), ("health", "healthy")} <= turns
    assert {("l2 breaker", "open"), ("l2 breaker", "closed")} <= turns
    assert "detect_s" in {each.name for each in result.window_figures}
    assert {each.part for each in result.window_times} == {"before", "during", "after"}
    assert result.promises["max_staleness_ms"] == 2_000
    assert observed(result, "lost_writes") == 0
    assert observed(result, "audited_writes") > 0
    assert observed(result, "health_turned_s", "broken") >= 0
    assert observed(result, "health_recovered_s", "broken") >= 0
    assert observed(result, "wrong_values", "broken") == 0
    # A server that was started again has counted afresh.
    told = "server_commands" in {each.metric for each in result.observations}
    assert told is (kind == "l2_stop")


# coredis leaves streams unclosed where a container's proxy takes a connection and drops it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.docker
@pytest.mark.resilience
async def test_a_container_of_the_jobs_own_is_broken_alike(
    redis_url: str, sqlite_url: str, namespace: str, docker_redis: DockerRedis
) -> None:
    """Where the run's services are containers, so is the server that the fault kills."""
    assert docker_redis.url
    faults = (Fault(kind="l2_kill", at_s=0.2, duration_s=0.5),)
    load = ClosedLoad(users=2, duration_s=1.5, think_time_s=0.002)
    spec = a_spec(Phase(name="broken", load=load, faults=faults), l2_server="own")
    spec = dataclasses.replace(spec, own_server="docker")
    result = await execute(an_assignment(spec, namespace, redis_url, sqlite_url))
    assert (result.error, result.invalid_reason) == (None, None)
    (window,) = result.fault_windows
    assert window.effective_s is not None
    assert window.cleared_s is not None
    assert "l2 redis 7" in result.environment.environment_class


@pytest.mark.postgresql
async def test_an_l3_on_postgresql_is_used_named_and_left_clean(
    redis_url: str, namespace: str
) -> None:
    """The other kind of L3, by its URL alone."""
    steady = Phase(name="steady", load=ClosedLoad(users=3, operations=100, mix=MIX))
    again = Phase(name="again", before=("empty_l1", "empty_l2"), load=ClosedLoad(operations=100))
    with postgresql() as server, database_of(server) as l3_url:
        result = await execute(an_assignment(a_spec(steady, again), namespace, redis_url, l3_url))
        assert _rows_left(l3_url.replace("postgresql://", "postgresql+psycopg://")) == 0
    assert result.error is None
    assert observed(result, "reads_l3", "again") > 0
    assert "l3 postgresql 1" in result.environment.environment_class
    settings = result.environment.fingerprint["server_settings"]["l3"]
    assert settings["shared_buffers"][-2:] in {"kB", "MB", "GB"}
    assert {"synchronous_commit", "fsync", "max_connections"} <= set(settings)


@pytest.mark.resilience
async def test_a_fault_that_never_came_makes_the_attempt_invalid(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """A load that ends before its fault says nothing about the fault."""
    faults = (Fault(kind="l2_kill", at_s=60.0, duration_s=1.0),)
    phase = Phase(name="short", load=ClosedLoad(operations=20), faults=faults)
    result = await execute(
        an_assignment(a_spec(phase, l2_server="own"), namespace, redis_url, sqlite_url)
    )
    assert result.error is None
    assert result.invalid_reason is not None
    assert "ended before the fault l2_kill was due" in result.invalid_reason


async def test_a_server_that_others_share_is_never_broken(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """A fault without a server of the job's own is an error, not a fault."""
    faults = (Fault(kind="l2_stop", at_s=0.0, duration_s=1.0),)
    phase = Phase(name="shared", load=ClosedLoad(operations=5), faults=faults)
    result = await execute(an_assignment(a_spec(phase), namespace, redis_url, sqlite_url))
    assert result.error is not None
    assert result.error.startswith("FaultError: l2_stop: ")
    assert 'needs l2_server = "own"' in result.error


@pytest.mark.resilience
async def test_a_phase_that_breaks_what_a_subject_lacks_is_not_supported(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """Its load need not run; the other phases do."""
    pytest.importorskip("hiredis")
    broken = Phase(
        name="broken",
        load=ClosedLoad(duration_s=60.0),
        faults=(Fault(kind="l3_slow", at_s=0.0, duration_s=1.0),),
    )
    whole = Phase(name="whole", load=ClosedLoad(operations=20))
    spec = a_spec(broken, whole, subject="redis-py", l3_server="own")
    result = await execute(an_assignment(spec, namespace, redis_url, sqlite_url))
    assert (result.error, result.invalid_reason) == (None, None)
    assert "phase broken" in result.unsupported
    assert "phase whole" not in result.unsupported
    assert (operations(result, phase="broken"), operations(result, phase="whole")) == (0, 20)
    assert result.fault_windows == ()


@pytest.mark.resilience
async def test_the_attempt_after_a_killed_worker_measures_undisturbed(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """The first is killed at its moment; the next one says how soon it took over."""
    faults = (Fault(kind="worker_kill", at_s=0.02, duration_s=0.01),)
    phase = Phase(name="one", load=ClosedLoad(duration_s=0.5, think_time_s=0.001), faults=faults)
    killed: list[bool] = []

    def assigned(**more: object) -> Assignment:
        kill = partial(killed.append, True)  # noqa: FBT003 - there is nothing else to say
        return an_assignment(a_spec(phase), namespace, redis_url, sqlite_url, kill=kill, **more)

    await execute(assigned())
    assert killed == [True]
    lost = (LostAttempt(number=1, reason="its worker process died", ended_ago_s=4.5),)
    result = await execute(assigned(lost=lost))
    assert (result.error, result.invalid_reason, killed) == (None, None, [True])
    assert observed(result, "resumed_after_s", "one") == 4.5
    (window,) = result.fault_windows
    assert (window.kind, window.effective_s, window.cleared_s) == ("worker_kill", -4.5, 0.0)
    assert operations(result, phase="one") >= 10


@pytest.mark.resilience
async def test_what_a_fault_leaves_behind_is_an_error(
    redis_url: str, sqlite_url: str, namespace: str, tmp_path: Path
) -> None:
    """The job fails with one line, and the folder goes all the same."""

    def leaves_a_file(_plan: Fault, ground: Ground) -> PretendedFault:
        assert ground.folder is not None
        (ground.folder / "forgotten").touch()
        return PretendedFault()

    faults = (Fault(kind="l2_latency", at_s=0.0, duration_s=0.01),)
    phase = Phase(name="one", load=ClosedLoad(duration_s=0.1, think_time_s=0.01), faults=faults)
    with pretending(leaves_a_file):
        result = await execute(
            an_assignment(a_spec(phase), namespace, redis_url, sqlite_url, folder=tmp_path)
        )
    assert result.error == "LeftoverError: left over after the job: file forgotten"
    assert _names_in(tmp_path) == {"l3.db"}
