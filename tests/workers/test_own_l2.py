"""A job's L2: as much around it as its faults need, and nothing of it left in any exit path."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis

from pipeline.fault import Fault
from pipeline.load import ClosedLoad
from pipeline.scenario import JobSpec, Phase
from pipeline.servers.identity import server_identity
from tests.workers.faults.l2_grounds import break_with, ground_of, mend
from tests.workers.scenarios import a_spec
from workers.faults.registry import FAULTS
from workers.own_l2 import own_l2


def _spec(kinds: Sequence[Any] = (), l2_server: str = "own") -> JobSpec:
    faults = tuple(Fault(kind=kind, at_s=0.1, duration_s=0.1) for kind in kinds)
    load = ClosedLoad(mix={"get": 1.0}, users=1, duration_s=5.0)
    return a_spec(Phase(name="one", load=load, faults=faults), l2_server=l2_server)


def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, decode_responses=True)


@pytest.fixture(autouse=True)
def nothing_stays(tmp_path: Path) -> Iterator[None]:
    """No process and no file outlives a test."""
    before = set(psutil.Process().children(recursive=True))
    yield
    assert set(psutil.Process().children(recursive=True)) <= before
    assert not _files(tmp_path)


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_shared_server_is_left_alone(redis_url: str, tmp_path: Path) -> None:
    """The subject goes straight to it, and faults may not break it."""
    async with own_l2(_spec(["l2_corrupt"], "shared"), redis_url, tmp_path, ()) as (l2, url):
        assert (url, l2.url) == (redis_url, redis_url)
        assert (l2.server, l2.proxy, l2.replica, l2.destructible) == (None, None, None, False)


async def test_a_server_that_was_named_may_be_broken(redis_url: str, tmp_path: Path) -> None:
    """By its identity, in whatever words the worker's own URL has it."""
    url = redis_url.replace("127.0.0.1", "localhost").replace("/0", "/3")
    allowed = [server_identity(redis_url)]
    async with own_l2(_spec(["l2_flush"], "shared"), url, tmp_path, allowed) as (l2, _):
        assert l2.destructible
        assert l2.server is None


async def test_a_proxy_stands_in_front_of_a_shared_server(redis_url: str, tmp_path: Path) -> None:
    """Where a fault of the network needs it; faults look past it."""
    async with own_l2(_spec(["l2_latency"], "shared"), redis_url, tmp_path, ()) as (l2, url):
        assert l2.url == redis_url
        assert l2.proxy is not None
        assert url != redis_url
        with _client(url) as through, _client(redis_url) as past:
            through.set("through-a-proxy", 1, px=1_000)
            assert past.get("through-a-proxy") == "1"


@pytest.mark.parametrize("kinds", [[], ["l2_kill", "l2_stop"]])
async def test_a_server_of_its_own(kinds: list[str], tmp_path: Path) -> None:
    """It may be broken, keeps nothing on disk, and has neither proxy nor replica."""
    async with own_l2(_spec(kinds), "redis://192.0.2.1:1/0", tmp_path, ()) as (l2, url):
        assert l2.server is not None
        assert url == l2.url == l2.server.url
        assert (l2.proxy, l2.replica, l2.destructible) == (None, None, True)
        assert not _files(tmp_path)


async def test_it_can_come_back_with_its_data(tmp_path: Path) -> None:
    """They lie in the attempt's folder, and go with the server."""
    spec = _spec(["l2_kill_with_data", "l2_kill", "l2_reset"])
    async with own_l2(spec, "redis://192.0.2.1:1/0", tmp_path, ()) as (l2, url):
        assert len(_files(tmp_path)) == 1
        with _client(url) as client:
            for fault, expected in zip(spec.scenario.faults[:2], ("v", None), strict=True):
                client.set("k", "v")
                made = FAULTS[fault.kind](fault, ground_of(l2))
                await break_with(made)
                await mend(made)
                client.close()
                assert client.get("k") == expected


async def test_failovers_lead_to_the_replica_and_back(tmp_path: Path) -> None:
    """The subject's address stays, with what was replicated; other faults find the new primary."""
    spec = _spec(["l2_failover"])
    async with own_l2(spec, "redis://192.0.2.1:1/0", tmp_path, ()) as (l2, url):
        urls = [l2.url]
        for number in range(2):
            with _client(url) as client:
                client.set(f"k{number}", "v")
                client.wait(1 - number, 5_000)
            fault = FAULTS["l2_failover"](spec.scenario.faults[0], ground_of(l2))
            assert not await fault.is_effective()
            await break_with(fault)
            assert not await fault.is_cleared()
            await mend(fault)
            with _client(url) as client:
                assert client.get(f"k{number}") == "v"
                assert client.set("after", number)
            urls.append(l2.url)
            other = FAULTS["l2_read_only"](spec.scenario.faults[0], ground_of(l2))
            await break_with(other)
            await mend(other)
        assert urls[0] == urls[2] != urls[1]


async def test_what_has_started_ends_where_the_rest_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that fails takes the servers along."""
    monkeypatch.setattr("workers.own_l2.proxy_of", lambda _url: 1 / 0)
    spec = _spec(["l2_failover", "l2_kill_with_data"])
    with pytest.raises(ZeroDivisionError):
        async with own_l2(spec, "redis://192.0.2.1:1/0", tmp_path, ()):
            raise AssertionError("it was started")
