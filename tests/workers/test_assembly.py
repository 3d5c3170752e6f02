"""Shards that find each other through a results database, as tasks of one process."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest
import redis

from pipeline.data import Data
from pipeline.load import ClosedLoad
from pipeline.scenario import JobSpec, Phase, Scenario, Step
from pipeline.subject import Preset, SubjectSettings
from results.attempt_result import AttemptResult
from results.records import Claim, JobState
from results.store import Store
from tests.results.build import OTHER_WORKER, WORKER, a_job, plan, take
from tests.workers.scenarios import a_spec, an_assignment, observed, operations
from workers.assembly import assemble
from workers.errors import InvalidAttemptError
from workers.execute import execute
from workers.group import Alone, Gathering

LOAD = ClosedLoad(users=2, operations=1)


def a_scenario(workers: int = 2, start_within_s: float = 20.0) -> Scenario:
    """Two workers' work."""
    phase = Phase(name="load", load=LOAD)
    return a_spec(phase, workers=workers, start_within_s=start_within_s).scenario


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A results database."""
    with Store.open(f"sqlite:///{tmp_path}/results.db") as opened:
        yield opened


@pytest.fixture
def claims(store: Store) -> list[Claim]:
    """The two shards of one group, each in the hands of a worker."""
    return claims_of(store, "run-1")


def claims_of(store: Store, run_id: str) -> list[Claim]:
    """The two shards of a run's only group, claimed."""
    jobs = [a_job(run_id, position, shard=position, group=f"{run_id}-0") for position in (0, 1)]
    plan(store, jobs)
    return [take(store, job, who) for job, who in zip(jobs, (WORKER, OTHER_WORKER), strict=True)]


async def assembled(store: Store, claims: list[Claim]) -> list[Gathering]:
    """Both shards, once they have found each other."""
    return await asyncio.gather(*(assemble(store, claim, a_scenario()) for claim in claims))


async def test_nobody_waits_for_a_job_of_one_worker(store: Store, claims: list[Claim]) -> None:
    """It does not even ask the database."""
    store.close()
    assert await assemble(store, claims[0], a_scenario(workers=1)) == Alone()


async def test_shards_start_at_one_moment(store: Store, claims: list[Claim]) -> None:
    """None before the last has come; how late each woke is told from the moment agreed upon."""
    first, second = await assembled(store, claims)
    assert (first.shard, second.shard, first.shards) == (0, 1, 2)
    assert first.clock == second.clock
    last_came_s = 0.0

    async def late() -> float:
        nonlocal last_came_s
        await asyncio.sleep(0.2)  # the first must have had time to go without it, were it to do so
        last_came_s = perf_counter()
        return await second.start("load")

    offsets_s = await asyncio.gather(first.start("load"), late())
    began_s = perf_counter()
    assert all(0 <= offset_s < began_s - last_came_s for offset_s in offsets_s)


async def test_shards_hand_over_what_they_have(store: Store, claims: list[Claim]) -> None:
    """Each gets the parts of all, under whatever name."""
    first, second = await assembled(store, claims)
    for name in ("log of load", "done"):
        got = await asyncio.gather(first.hand_over(name, b"one"), second.hand_over(name, b""))
        assert list(got) == [{0: b"one", 1: b""}] * 2


async def test_a_shard_without_its_partner_gives_the_group_up(
    store: Store, claims: list[Claim]
) -> None:
    """It says how many had come and what to do, and nobody tries again."""
    with pytest.raises(InvalidAttemptError) as raised:
        await assemble(store, claims[0], a_scenario(start_within_s=0.1))
    assert str(raised.value) == (
        "not started together: 1 of 2 workers had come after 0.1 s; "
        "start more: bench worker --processes 2"
    )
    assert [(row.state, row.reason) for row in store.job_rows("run-1")] == [
        (JobState.FAILED, str(raised.value))
    ] * 2
    with pytest.raises(InvalidAttemptError, match="its group was ended"):
        await assemble(store, claims[1], a_scenario())


async def test_groups_that_compete_for_workers_are_never_locked_together(store: Store) -> None:
    """Two groups with one shard each at work: both end, and so would their workers' next jobs."""
    claimed = [claims_of(store, run_id)[0] for run_id in ("run-1", "run-2")]
    ends = await asyncio.gather(
        *(assemble(store, claim, a_scenario(start_within_s=0.1)) for claim in claimed),
        return_exceptions=True,
    )
    assert [type(end) for end in ends] == [InvalidAttemptError] * 2
    assert {store.progress(run_id).failed for run_id in ("run-1", "run-2")} == {2}


async def test_a_waiting_shard_learns_that_its_group_began_again(
    store: Store, claims: list[Claim]
) -> None:
    """Its partner's worker died: whoever waits, at whatever meeting, is let go."""
    first, _second = await assembled(store, claims)
    waiting = asyncio.create_task(first.start("load"))
    await asyncio.sleep(0)
    store.lose(claims[1].attempt_id, "its worker died")
    for wait in (waiting, first.hand_over("done", b"")):
        with pytest.raises(InvalidAttemptError, match="its group was ended"):
            await wait


def a_coherence_spec(shard: int, *steps: Step, preset: Preset = "default") -> JobSpec:
    """One worker writes what the other reads."""
    load = ClosedLoad(
        users=2, duration_s=0.4, think_time_s=0.002, mix={"get": 4.0, "set": 1.0}, loader=False
    )
    fill = ClosedLoad(users=2, operations=10, mix={"set": 1.0})
    spec = a_spec(
        Phase(name="fill", warmup=True, load=fill),
        Phase(name="load", load=load, before=steps),
        workers=2,
        writers=1,
        data=Data(keys=5),
        settings=SubjectSettings(preset=preset, enable_warming=False, l1_default_ttl="none"),
    )
    return replace(spec, shard=shard)


async def done_together(
    store: Store, claims: list[Claim], specs: list[JobSpec], *urls: str
) -> list[AttemptResult]:
    """Both shards' attempts, as two workers would make them."""
    groups = await assembled(store, claims)
    results = await asyncio.gather(
        *(
            execute(an_assignment(spec, *urls, group=group))
            for spec, group in zip(specs, groups, strict=True)
        )
    )
    assert [(each.error, each.invalid_reason) for each in results] == [(None, None)] * 2
    return results


def keys_left(redis_url: str, namespace: str) -> list[bytes]:
    """What is left in L2 of a namespace, but what tells a cleared one and ends by itself."""
    with redis.Redis.from_url(redis_url) as client:
        found = client.scan_iter(match=f"*{namespace}*")
        return [key for key in found if not key.startswith(b"floor~")]


async def test_writers_write_what_readers_read(
    store: Store, claims: list[Claim], redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """A whole group: roles, common keys, a common start; all reads are compared, nothing stays."""
    specs = [a_coherence_spec(shard, "empty_l2") for shard in (0, 1)]
    writer, reader = await done_together(store, claims, specs, namespace, redis_url, sqlite_url)
    assert operations(writer, operation="get") == operations(reader, operation="set") == 0
    assert operations(writer, operation="set", phase="load") > 10
    reads = operations(reader, operation="get", phase="load")
    assert observed(reader, "cross_reads", "load") == reads > 10
    assert observed(reader, "cross_stale_reads", "load") <= reads / 2
    assert observed(reader, "wrong_values", "load") == 0
    for result in (writer, reader):
        assert observed(result, "start_offset_ms", "load") >= 0
        assert observed(result, "clock_error_ms", "load") == 0
    assert keys_left(redis_url, namespace) == []


async def test_a_cache_without_coherence_is_seen_to_have_none(
    store: Store, claims: list[Claim], redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """An L1 that hears of no other worker's writes serves what these replaced, ever staler."""
    specs = [a_coherence_spec(shard, preset="l2_disabled") for shard in (0, 1)]
    _writer, reader = await done_together(store, claims, specs, namespace, redis_url, sqlite_url)
    stale = observed(reader, "cross_stale_reads", "load")
    assert stale > observed(reader, "cross_reads", "load") / 2
    (staleness,) = [
        each for each in reader.distributions if (each.name, each.phase) == ("staleness", "load")
    ]
    assert staleness.histogram.count == observed(reader, "cross_reads", "load")
    assert staleness.histogram.max_ns > 50_000_000


async def test_all_workers_may_read_and_write(
    store: Store, claims: list[Claim], redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """Each origin knows its own worker's writes alone, and nothing is wrongly accused for it."""
    mix = {"get": 6.0, "set": 1.0, "delete": 0.5, "clear": 0.05}
    load = ClosedLoad(users=4, duration_s=0.4, think_time_s=0.001, mix=mix)
    settings = SubjectSettings(enable_warming=False)
    phase = Phase(name="load", load=load)
    spec = a_spec(phase, workers=2, history=True, data=Data(keys=10), settings=settings)
    specs = [replace(spec, shard=shard) for shard in (0, 1)]
    for result in await done_together(store, claims, specs, namespace, redis_url, sqlite_url):
        assert observed(result, "checked_reads", "load") > 20
        assert observed(result, "checked_writes", "load") > 5
        for metric in ("impossible_reads", "overdue_reads", "repeated_writes", "wrong_values"):
            assert observed(result, metric, "load") == 0
        assert {finding.kind for finding in result.findings} <= {"never_read_writes"}
