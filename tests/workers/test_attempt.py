"""What an attempt's result carries, and what makes it invalid."""

import asyncio
import dataclasses

import pytest

from pipeline.load import ClosedLoad, OpenLoad, SearchLoad
from pipeline.scenario import HitRatioTarget, JobSpec, Phase
from results.attempt_result import AttemptResult
from results.metrics import DISTRIBUTIONS, METRICS
from tests.workers.scenarios import DictSubject, a_spec, an_assignment, observed, operations
from workers import execute as executing
from workers.errors import InvalidAttemptError
from workers.execute import execute
from workers.group import Alone
from workers.subjects.base import Loader, Served

OPEN = OpenLoad(rate=200.0, duration_s=1.1, mix={"get": 3.0, "set": 1.0})
OF_THE_MACHINE = {
    "worker_memory_mib",
    "voluntary_context_switches",
    "involuntary_context_switches",
    "gc_collections",
}
OF_THE_SERVER = {
    "server_commands",
    "server_hits",
    "server_misses",
    "server_evictions",
    "server_expirations",
    "server_memory_mib",
    "server_network_in_mib",
    "server_network_out_mib",
}
OF_THE_CALIBRATION = {
    "calibration_loop_ms",
    "calibration_ping_ms",
    "calibration_drift_ratio",
    "recorder_cost_us",
}


class _Slow(DictSubject):
    """A cache whose one hand does one thing at a time, in 5 ms."""

    def __init__(self) -> None:
        super().__init__()
        self.hand = asyncio.Lock()

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        async with self.hand:
            await asyncio.sleep(0.005)
            return await super().get(key, loader, ttl_s)


async def _execute_on(
    subject: DictSubject, spec: JobSpec, monkeypatch: pytest.MonkeyPatch
) -> AttemptResult:
    """An attempt on a subject that nobody has installed; it has no server."""
    monkeypatch.setattr(executing, "build_subject", lambda *_given: subject)
    return await execute(an_assignment(spec, "unused", "redis://unused", "sqlite://"))


def _observed_in(result: AttemptResult, phase: str | None) -> set[str]:
    return {each.metric for each in result.observations if each.phase == phase}


async def test_its_result_carries_all_that_was_seen(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """Beside the operations: distributions, readings, the machine, the server, the calibration."""
    spec = a_spec(
        Phase(name="fill", warmup=True, load=ClosedLoad(operations=200)),
        Phase(name="steady", before=("empty_l1",), load=OPEN),
        l2_server="own",
        l2_settings={"maxmemory": "64mb", "maxmemory-policy": "allkeys-lru"},
    )
    spec = dataclasses.replace(spec, code_version="4250158", dirty=True)
    result = await execute(an_assignment(spec, namespace, redis_url, sqlite_url))
    assert result.error is None

    assert [(span.phase, span.loop) for span in result.phases] == [
        ("fill", "closed"),
        ("steady", "open"),
    ]
    kept = {(each.name, each.phase): each for each in result.distributions}
    assert {name for name, phase in kept if phase == "steady"} == set(DISTRIBUTIONS) - {"staleness"}
    assert kept["schedule_lag", "steady"].histogram.count == operations(result, phase="steady")
    assert kept["loop_lag", "fill"].warmup
    assert {each.name for each in result.readings if each.phase == "steady"} >= {
        "cpu_ratio",
        "loop_lag_ms",
        "memory_mib",
        "involuntary_context_switches",
    }
    assert all(each.service is not None for each in result.intervals if each.phase == "steady")

    steady = _observed_in(result, "steady")
    assert OF_THE_MACHINE | OF_THE_SERVER | {"offered_operations", "dropped_operations"} <= steady
    assert _observed_in(result, None) >= OF_THE_CALIBRATION | {"subject_memory_mib"}
    assert {each.metric for each in result.observations} <= set(METRICS)
    assert observed(result, "offered_operations", "steady") == operations(result, phase="steady")
    assert observed(result, "server_commands", "steady") > 0
    assert "offered_operations" not in _observed_in(result, "fill")


async def test_its_environment_is_that_of_its_own_server(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """What the scenario states of a server is part of the class; all that it says is kept."""
    spec = a_spec(
        Phase(name="steady", load=ClosedLoad(operations=20)),
        l2_server="own",
        l2_settings={"maxmemory": "64mb"},
    )
    spec = dataclasses.replace(spec, code_version="4250158", dirty=True)
    result = await execute(an_assignment(spec, namespace, redis_url, sqlite_url))
    assert result.environment.environment_class.endswith("l3 sqlite 3 / l2 maxmemory 64mb")
    fingerprint = result.environment.fingerprint
    assert fingerprint["code"] == {"version": "4250158", "dirty": True}
    assert fingerprint["server_settings"]["l2"]["maxmemory"] == str(64 << 20)
    assert fingerprint["server_settings"]["l2"]["save"] == ""
    assert fingerprint["server_settings"]["l3"]["journal_mode"] == "wal"
    assert fingerprint["event_loop"].endswith("EventLoop")


async def test_a_load_past_saturation_is_invalid_and_says_both_rates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A subject of some 200/s is asked for 2,000/s; its queue is no response time."""
    load = OpenLoad(rate=2_000.0, duration_s=0.1, arrivals="constant", max_in_flight=8)
    spec = a_spec(Phase(name="steep", load=load))
    result = await _execute_on(_Slow(), spec, monkeypatch)
    assert result.error is None
    assert result.invalid_reason is not None
    assert "phase steep: saturated: 2,000/s were due, " in result.invalid_reason
    assert result.invalid_reason.endswith("/s were served; lower the rate")
    assert operations(result, phase="steep") > 0


async def test_a_warm_up_and_a_search_may_saturate(monkeypatch: pytest.MonkeyPatch) -> None:
    """A warm-up's figures count nowhere, and a search looks for saturation."""
    steep = OpenLoad(rate=2_000.0, duration_s=0.1, arrivals="constant", max_in_flight=8)
    search = SearchLoad(p99_below_ms=20.0, from_rate=200.0, to_rate=400.0, trial_s=0.1)
    spec = a_spec(Phase(name="steep", warmup=True, load=steep), Phase(name="search", load=search))
    result = await _execute_on(_Slow(), spec, monkeypatch)
    assert result.error is None
    assert "saturated" not in (result.invalid_reason or "")
    held = [trial.rate for trial in result.trials if trial.held]
    if held:
        assert observed(result, "highest_rate_ops_per_second", "search") == max(held)
    assert {trial.held for trial in result.trials} >= {False}


async def test_a_hit_ratio_off_its_target_is_invalid(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scenario says what its figures are about; others mean something else."""
    target = HitRatioTarget(at_most=0.5)
    phase = Phase(name="steady", load=ClosedLoad(operations=2_000), hit_ratio=target)
    subject = DictSubject()
    subject.lacks = frozenset(subject.lacks - {"hit_ratio"})  # type: ignore[misc] - it has hits
    result = await _execute_on(subject, a_spec(phase), monkeypatch)
    assert result.invalid_reason is not None
    assert "off its hit-ratio target: 0.9" in result.invalid_reason


async def test_a_subject_without_l2_has_no_figures_of_a_server(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """Nor a round trip to one; nor has a closed loop a schedule."""
    spec = a_spec(Phase(name="steady", load=ClosedLoad(operations=50)), subject="null")
    result = await execute(an_assignment(spec, namespace, redis_url, sqlite_url))
    seen = {each.metric for each in result.observations}
    assert not seen & OF_THE_SERVER
    assert "calibration_ping_ms" not in seen
    assert "offered_operations" not in seen
    assert seen >= OF_THE_MACHINE
    assert result.environment.fingerprint["server_settings"] == {}


async def test_what_can_lead_to_no_measurement_is_invalid_and_not_failed(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """A group that did not come together is nobody's error; the environment is kept."""

    class _Missing(Alone):
        async def start(self, name: str) -> float:
            raise InvalidAttemptError(f"not started together: 1 of 2 had come to {name}")

    spec = a_spec(Phase(name="steady", load=ClosedLoad(operations=5)))
    result = await execute(an_assignment(spec, namespace, redis_url, sqlite_url, group=_Missing()))
    assert result.error is None
    assert result.invalid_reason == "not started together: 1 of 2 had come to steady"
    assert "l2 valkey 9" in result.environment.environment_class
    assert result.intervals == ()


async def test_a_phase_that_a_subject_can_do_nothing_of_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So what is expected of it is not supported, and neither unknown nor failed."""
    subject = DictSubject()
    subject.lacks = subject.lacks | {"get_many", "warm"}  # type: ignore[misc] - it is made to lack it
    batch = Phase(name="batch", load=ClosedLoad(operations=5, mix={"get_many": 1.0}))
    warmed = Phase(name="warmed", before=("warm",), load=ClosedLoad(operations=20))
    result = await _execute_on(subject, a_spec(warmed, batch), monkeypatch)
    assert result.error is None
    named = {name for name in result.unsupported if " " in name}
    assert named == {"phase batch", "phase warmed"}
    assert {"get_many", "scan"} <= set(result.unsupported)
