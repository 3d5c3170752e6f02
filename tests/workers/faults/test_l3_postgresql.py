"""The faults of L3 on PostgreSQL: each comes and goes, and our own cache goes on meanwhile."""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from pipeline.servers.postgresql import MISSING, PostgresqlServer
from pipeline.servers.postgresql_programs import find_programs
from tests.support.servers import require
from tests.workers.faults.l3_cache import broken, callers_are_served, make
from workers.errors import FaultError
from workers.faults import l3_pool
from workers.faults.ground import L3Ground
from workers.proxy import proxied_url, proxy_of

pytestmark = pytest.mark.postgresql

KINDS = ["l3_locked", "l3_slow", "l3_errors", "l3_pool", "l3_stop"]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """A server that may be broken."""
    if find_programs() is None:
        require("PostgreSQL", MISSING)
    with PostgresqlServer() as started:
        yield started


@pytest.fixture
async def l3(server: PostgresqlServer) -> AsyncIterator[L3Ground]:
    """The server, with a proxy in front of it."""
    async with proxy_of(server.url) as proxy:
        yield L3Ground(url=server.url, server=server, proxy=proxy)


@pytest.mark.integration
@pytest.mark.parametrize("kind", KINDS)
async def test_callers_are_served(kind: str, l3: L3Ground, redis_url: str, namespace: str) -> None:
    """With L2 at hand nobody gets an error or an old value, and no later one either."""
    assert l3.proxy is not None
    await callers_are_served(make(kind, l3), namespace, redis_url, proxied_url(l3.url, l3.proxy))


async def test_figures_and_faults_half_way(server: PostgresqlServer, l3: L3Ground) -> None:
    """Large figures are seen as well; what could not be broken is mended all the same."""
    for kind, figures in (
        ("l3_slow", {"delay_s": 60.0}),
        ("l3_slow", {"delay_s": 0.08}),
        ("l3_errors", {"share": 1.0}),
    ):
        async with broken(make(kind, l3, **figures)):
            pass
    with psycopg.connect(server.administrators_url) as connection:
        connection.execute("DROP OWNED BY tierbench")
    nothing_to_lock = make("l3_locked", l3)
    with pytest.raises(FaultError, match="the cache has no tables in L3"):
        await nothing_to_lock.inject()
    await nothing_to_lock.undo()
    assert await nothing_to_lock.is_cleared()


async def test_a_taken_server_has_no_connection_left(l3: L3Ground) -> None:
    """Who was connected is cut off, and nobody gets in until it is over."""
    connected = psycopg.connect(l3.url)
    async with broken(make("l3_pool", l3)):
        with pytest.raises(psycopg.OperationalError):
            connected.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError, match="connection slots are reserved"):
            psycopg.connect(l3.url)
    connected.close()
    psycopg.connect(l3.url).close()


async def test_who_is_refused_for_another_reason_takes_nothing(
    server: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an error after a while, not a loop without an end."""
    monkeypatch.setattr(l3_pool, "_WITHIN_S", 0.1)
    password = urlsplit(server.url).password
    monkeypatch.setattr(PostgresqlServer, "url", server.url.replace(f":{password}@", ":another@"))
    taken = make("l3_pool", L3Ground(url=server.url, server=server))
    with pytest.raises(FaultError, match="others keep connections to L3"):
        await taken.inject()
    await taken.undo()


def test_without_a_proxy_there_is_no_fault_of_the_way(server: PostgresqlServer) -> None:
    """What is done on the way to the server needs something that stands there."""
    for kind in ("l3_slow", "l3_errors"):
        with pytest.raises(FaultError, match=f"^{kind}: there is no proxy in front of L3"):
            make(kind, L3Ground(url=server.url, server=server))
