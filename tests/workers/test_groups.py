"""Groups with real worker processes: begun together and counted together, or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.bundle import Bundle
from pipeline.data import Data
from pipeline.load import ClosedLoad
from pipeline.plan import plan_run
from pipeline.scenario import Phase, Scenario
from results.expectation import Expectation
from results.report import build_report
from tests.support.servers import EmbeddedRedis
from tests.workers.scenarios import a_spec
from tests.workers.supervised import Bench

LOAD = ClosedLoad(
    users=4, duration_s=0.5, think_time_s=0.002, mix={"get": 3.0, "set": 1.0}, loader=False
)
WRITTEN_AND_READ = a_spec(
    Phase(name="fill", warmup=True, load=ClosedLoad(users=2, operations=10, mix={"set": 1.0})),
    Phase(name="load", load=LOAD),
    workers=2,
    writers=1,
    data=Data(keys=10),
    expectations=(Expectation(metric="cross_reads", at_least=1),),
).scenario
FOR_THREE = a_spec(
    Phase(name="load", load=LOAD),
    workers=3,
    start_within_s=1.0,
    expectations=(Expectation(metric="errors", equals=0),),
).scenario


@pytest.fixture
def bench(tmp_path: Path, own_redis: EmbeddedRedis) -> Iterator[Bench]:
    """Services of the test's own."""
    bench = Bench(tmp_path, own_redis.url)
    yield bench
    bench.close()


def _send(bench: Bench, run_id: str, scenario: Scenario) -> None:
    bench.send(plan_run(Bundle((scenario,), (), {}, {}), run_id=run_id, seed=1))


def _reported(bench: Bench, run_id: str) -> dict[str, Any]:
    bench.wait_for_aggregation(run_id)
    found: dict[str, Any] = build_report(bench.store, run_id)["results"]["small"]
    return found


def test_two_workers_do_a_group_and_give_up_one_of_three(bench: Bench) -> None:
    """One group is accepted from one start, its skew and staleness measured; the other is not."""
    _send(bench, "two", WRITTEN_AND_READ)
    _send(bench, "three", FOR_THREE)
    with bench.supervised("--processes", "2"):
        two, three = _reported(bench, "two"), _reported(bench, "three")
    assert two["verdict"] == "pass"
    assert (two["jobs"]["accepted"], two["jobs"]["attempts"]) == (2, 2)
    assert {attempt["shard"] for attempt in two["attempts"]} == {0, 1}
    assert len({attempt["worker"] for attempt in two["attempts"]}) == 2
    assert two["start_skew_ms"] >= 0
    assert two["cross_reads"] > 0
    assert two["cross_stale_reads"] >= 0
    assert not any(attempt["shared"] for attempt in two["attempts"])
    assert three["verdict"] == "unknown"
    assert (three["jobs"]["invalid"], three["jobs"]["failed"]) == (3, 0)
    assert all(
        row.reason is not None and row.reason.startswith("not started together: ")
        for row in bench.rows("three")
    )
