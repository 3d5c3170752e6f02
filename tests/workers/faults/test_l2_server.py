"""Faults on L2's server as a whole: each comes, does what it says, goes, and leaves nothing."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from pipeline.servers import Server, make_server
from tests.support.waiting import wait_until_async
from tests.workers.faults.l2_grounds import NAMESPACE, break_with, make, mend, own
from workers.errors import FaultError
from workers.faults.ground import L2Ground
from workers.faults.l2_note import put_back

PROCESS = ["l2_kill", "l2_kill_with_data", "l2_stop", "l2_failover"]
COMMANDS = [
    "l2_memory",
    "l2_flush",
    "l2_slow_script",
    "l2_client_kill",
    "l2_read_only",
    "l2_wrong_password",
]


@pytest.fixture(scope="module")
def module_server() -> Iterator[Server]:
    """A server that all tests of this file break."""
    with make_server("embedded", durable=True) as started:
        yield started


@pytest.fixture
def server(module_server: Server) -> Server:
    """The same, empty."""
    module_server.command("FLUSHALL")
    return module_server


@pytest.fixture
def client(server: Server) -> Iterator[redis.Redis]:
    """A plain client of it."""
    once = Retry(NoBackoff(), 0)
    with redis.Redis.from_url(
        server.url, decode_responses=True, socket_timeout=0.2, retry=once
    ) as client:
        yield client


@pytest.mark.parametrize("kind", ["l2_kill", "l2_kill_with_data", "l2_stop"])
async def test_a_server_is_away_and_comes_back(
    kind: str, server: Server, client: redis.Redis
) -> None:
    """Empty or with what it had, as its kind says."""
    client.set("k", "v")
    fault = make(kind, own(server))
    assert not await fault.is_effective()
    await break_with(fault)
    assert not await fault.is_cleared()
    with pytest.raises((redis.ConnectionError, redis.TimeoutError)):
        client.get("k")
    await mend(fault)
    assert not await fault.is_effective()
    client.close()
    assert client.get("k") == (None if kind == "l2_kill" else "v")


@pytest.mark.parametrize("policy", ["noeviction", "allkeys-lru", "volatile-ttl", "volatile-lru"])
async def test_a_server_without_memory_does_what_its_policy_says(
    policy: str, server: Server, client: redis.Redis
) -> None:
    """It refuses writes or evicts, also where it has less data than the limit; then all is back."""
    before = client.config_get("maxmemory*")
    for number in range(100):
        client.set(f"k{number}", "x" * 10_000, px=60_000 if policy == "volatile-ttl" else None)
    fault = make("l2_memory", own(server), policy=policy, memory_mib=64)
    assert not await fault.is_effective()
    await break_with(fault)
    assert not await fault.is_cleared()
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": policy}
    if policy in ("noeviction", "volatile-lru"):
        with pytest.raises(redis.exceptions.OutOfMemoryError):
            client.set("k", "v")
        assert client.dbsize() == 100
    else:
        assert 0 < client.dbsize() < 100
    await mend(fault)
    assert client.config_get("maxmemory*") == before
    assert client.set("k", "v")
    assert not client.keys("fault~*")


async def test_a_flushed_server_is_empty(server: Server, client: redis.Redis) -> None:
    """Once: what is written afterwards stays."""
    client.set("k", "v")
    fault = make("l2_flush", own(server))
    assert not await fault.is_effective()
    await break_with(fault)
    assert client.dbsize() == 0
    client.set("k", "v")
    await mend(fault)
    assert client.keys() == ["k"]


async def test_a_slow_script_silences_the_server(server: Server, client: redis.Redis) -> None:
    """Until the fault is undone; no data are lost."""
    client.set("k", "v")
    fault = make("l2_slow_script", own(server))
    assert not await fault.is_effective()
    await break_with(fault)
    with pytest.raises(redis.TimeoutError):
        client.get("k")
    await mend(fault)
    assert client.get("k") == "v"


async def test_a_slow_script_is_killed_past_the_threshold(
    server: Server, client: redis.Redis
) -> None:
    """A fault that is undone early does not wait for its script."""
    client.config_set("busy-reply-threshold", 100)
    fault = make("l2_slow_script", own(server))
    fault._busy_s = 60.0  # type: ignore[attr-defined]
    await break_with(fault)
    await mend(fault)
    client.config_set("busy-reply-threshold", 5_000)
    assert client.ping()


async def test_connections_are_killed_again_and_again(server: Server, client: redis.Redis) -> None:
    """Also those that were made after the fault began, and none once it is over."""
    client.ping()
    fault = make("l2_client_kill", own(server))
    assert not await fault.is_effective()
    await break_with(fault)
    for _ in range(2):
        before = client.client_id()
        await wait_until_async(lambda before=before: client.client_id() != before)
    await mend(fault)
    assert client.client_id() == client.client_id()


async def test_a_read_only_server_serves_what_it_has(server: Server, client: redis.Redis) -> None:
    """It refuses writes meanwhile, keeps its data, and takes writes again."""
    client.set("k", "v")
    before = client.config_get("replica-*")
    fault = make("l2_read_only", own(server))
    assert not await fault.is_effective()
    await break_with(fault)
    assert not await fault.is_cleared()
    assert client.get("k") == "v"
    with pytest.raises(redis.exceptions.ReadOnlyError):
        client.set("k", "w")
    await mend(fault)
    assert client.set("k", "w")
    assert client.config_get("replica-*") == before
    assert client.keys() == ["k"]


async def test_a_replica_stays_the_replica_that_it_was(server: Server, client: redis.Redis) -> None:
    """Undoing the fault would make it a primary, which it was not before."""
    client.replicaof("127.0.0.1", "1")
    try:
        fault = make("l2_read_only", own(server))
        with pytest.raises(FaultError, match="replica of another server already"):
            await fault.inject()
        await fault.undo()
        assert client.info("replication")["role"] == "slave"
    finally:
        client.replicaof("NO", "ONE")


async def test_who_has_the_old_password_is_refused(server: Server, client: redis.Redis) -> None:
    """Also who was logged in; then the old password does again."""
    client.execute_command("ACL", "SETUSER", "default", "resetpass", ">old&p/w")
    url = server.url.replace("redis://", "redis://:old%26p%2Fw@")
    l2 = L2Ground(url=url, server=server, destructible=True)
    with redis.Redis.from_url(url) as old:
        old.ping()
        fault = make("l2_wrong_password", l2)
        assert not await fault.is_effective()
        await break_with(fault)
        assert not await fault.is_cleared()
        with pytest.raises(redis.exceptions.AuthenticationError):
            old.ping()
        await mend(fault)
        assert old.ping()
        old.execute_command("ACL", "SETUSER", "default", "nopass")


async def test_a_password_where_none_was_needed(server: Server, client: redis.Redis) -> None:
    """It is asked for while the fault lasts, and no longer."""
    fault = make("l2_wrong_password", own(server))
    await break_with(fault)
    with pytest.raises(redis.exceptions.AuthenticationError):
        client.ping()
    await mend(fault)
    assert client.ping()


@pytest.mark.parametrize("kind", ["l2_memory", "l2_read_only", "l2_wrong_password"])
@pytest.mark.parametrize("password", ["", "old&p/w"])
async def test_what_a_dead_worker_has_set_is_put_back(
    kind: str, password: str, server: Server, client: redis.Redis
) -> None:
    """By the job's next attempt, and no other's; the note outlives what the fault does to keys."""
    before = {**client.config_get("maxmemory*"), **client.config_get("replica-*")}
    users = client.acl_list()
    rules = f">{password}" if password else "nopass"
    client.execute_command("ACL", "SETUSER", "default", "resetpass", rules)
    url = server.url.replace("redis://", f"redis://:{quote(password, safe='')}@")
    with redis.Redis.from_url(url, decode_responses=True) as old:
        old.set("k", "x" * 10_000)
        others = L2Ground(url=url, destructible=True)
        await break_with(make(kind, others))  # And nobody is left to undo it.
        if kind != "l2_wrong_password":
            await put_back(url, ["tierbench:job-2"])
            with pytest.raises(FaultError, match=f"a fault of {NAMESPACE} is there; where"):
                await make(kind, others).inject()
        for _ in range(2):
            await put_back(url, [NAMESPACE])
        assert {**old.config_get("maxmemory*"), **old.config_get("replica-*")} == before
        assert old.info("replication")["role"] == "master"
        assert old.set("k", "v")
        old.execute_command("ACL", "SETUSER", "default", "nopass")
        assert old.acl_list() == users


@pytest.mark.parametrize("kind", ["l2_memory", "l2_read_only", "l2_wrong_password"])
async def test_a_fault_that_is_undone_leaves_no_note(
    kind: str, server: Server, client: redis.Redis
) -> None:
    """On a server that others use too."""
    client.set("k", "x" * 10_000)
    fault = make(kind, L2Ground(url=server.url, destructible=True))
    await break_with(fault)
    await mend(fault)
    assert [line.split()[1] for line in client.acl_list()] == ["default"]


async def test_who_may_not_read_notes_goes_without(server: Server, client: redis.Redis) -> None:
    """As a user does who may do what caches do, and no more."""
    client.execute_command(
        "ACL", "SETUSER", "me", "on", ">secret", "~*", "-@all", "+ping", "+select"
    )
    await put_back(server.url.replace("redis://", "redis://me:secret@"), [NAMESPACE])
    client.acl_deluser("me")


@pytest.mark.parametrize("kind", COMMANDS)
def test_a_server_that_others_use_is_not_broken(kind: str, server: Server) -> None:
    """The line says how to allow it, and shows no password."""
    url = server.url.replace("redis://", "redis://:secret@")
    mend_by = rf"^{kind}: others use redis://127.0.0.1:\d+ too; .* --allow-destructive redis://127"
    with pytest.raises(FaultError, match=mend_by) as told:
        make(kind, L2Ground(url=url))
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("kind", PROCESS)
@pytest.mark.parametrize("is_allowed", [True, False])
def test_a_server_that_others_started_is_never_killed(
    kind: str, server: Server, *, is_allowed: bool
) -> None:
    """Whatever was allowed."""
    with pytest.raises(FaultError, match=rf"^{kind}: .* server"):
        make(kind, L2Ground(url=server.url, destructible=is_allowed))


@pytest.mark.parametrize("kind", COMMANDS)
async def test_a_fault_that_never_began_is_undone(kind: str, server: Server) -> None:
    """Whatever it had not done yet."""
    fault = make(kind, L2Ground(url=server.url, destructible=True))
    await fault.undo()
    assert server.command("PING")
