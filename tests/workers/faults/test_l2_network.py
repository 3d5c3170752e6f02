"""The faults of the network to L2, each seen to come and to go through a real proxy and server."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis

from pipeline.fault import FAULTS as KINDS
from pipeline.fault import Fault
from tests.cache.l2.redis_places import make_certificate, tls_front
from tests.support.servers import LOOPBACK
from tests.support.waiting import wait_until_async
from workers.errors import FaultError, ServerError
from workers.faults.ground import Ground, L2Ground
from workers.faults.l2_looks import LOOK_S, LateLook
from workers.faults.network import NetworkFault
from workers.faults.probe import Probe
from workers.faults.registry import FAULTS
from workers.proxy import Proxy, proxied_url, proxy_of
from workers.subjects.null import NullSubject

FIGURES: list[tuple[str, dict[str, object]]] = [
    ("l2_latency", {"delay_s": 3.0, "jitter_s": 0.0}),
    ("l2_latency", {"delay_s": 0.005, "jitter_s": 0.001}),
    ("l2_latency", {"direction": "to_server"}),
    ("l2_latency", {"direction": "from_server"}),
    ("l2_bandwidth", {"bytes_per_s": 1}),
    ("l2_bandwidth", {"bytes_per_s": 1_000_000, "direction": "to_server"}),
    ("l2_bandwidth", {"direction": "from_server"}),
    ("l2_bandwidth", {"bytes_per_s": 10_000_000}),
    ("l2_one_way", {"direction": "to_server"}),
    ("l2_cut_reply", {"after_bytes": 0}),
    ("l2_cut_reply", {"after_bytes": 5_000}),
    ("l2_slow_close", {"delay_s": 0.01}),
]
NETWORK = [kind for kind, facts in KINDS.items() if facts.group == "l2_network"]


@pytest.fixture
async def proxy(redis_url: str) -> AsyncIterator[Proxy]:
    """A proxy in front of the shared server."""
    async with proxy_of(redis_url) as started:
        yield started


def make(kind: str, url: str, proxy: Proxy | None, **figures: object) -> NetworkFault:
    """A fault of that kind, between nobody and the server at the URL."""
    plan = Fault(kind=kind, at_s=0.0, duration_s=1.0, **figures)
    l2 = L2Ground(url=url, proxy=proxy)
    made = FAULTS[kind](plan, Ground(namespace="n", subject=NullSubject(), seed=1, l2=l2))
    assert isinstance(made, NetworkFault)
    return made


@pytest.mark.parametrize(
    "look", [Probe.answers, lambda probe: LateLook(probe._url, 0.05).is_gone()]
)
async def test_a_server_is_not_late_where_its_onlooker_was(
    look: Callable[[Probe], Awaitable[bool]], redis_url: str
) -> None:
    """A loop that stands still, as by another fault, has not waited for an answer."""
    looking = asyncio.ensure_future(look(Probe(redis_url)))
    await asyncio.sleep(0)
    time.sleep(1.5 * LOOK_S)  # noqa: ASYNC251 - to block the loop is what it is for
    assert await looking


async def comes_and_goes(fault: NetworkFault) -> None:
    """It is there from its beginning to its end, and neither before nor after."""
    await is_not_seen(fault)
    await fault.inject()
    await wait_until_async(fault.is_effective, what="the fault")
    assert not await fault.is_cleared()
    await fault.undo()
    await wait_until_async(fault.is_cleared, what="the fault's end")
    await is_not_seen(fault)


async def is_not_seen(fault: NetworkFault) -> None:
    """It has no effect; a machine that is busy may look slow like a network for a moment."""

    async def is_so() -> bool:
        return not await fault.is_effective()

    await wait_until_async(is_so, what="a look that sees no fault")


@pytest.mark.parametrize("kind", NETWORK)
async def test_each_kind_comes_and_goes(kind: str, redis_url: str, proxy: Proxy) -> None:
    """A look sees each kind of fault while it lasts, and only then."""
    await comes_and_goes(make(kind, redis_url, proxy))


async def test_small_and_large_figures(redis_url: str, proxy: Proxy) -> None:
    """What is seen within one short look depends on no figure."""
    for kind, figures in FIGURES:
        await comes_and_goes(make(kind, redis_url, proxy, **figures))


async def test_as_much_jitter_as_delay_is_seen(redis_url: str, proxy: Proxy) -> None:
    """A quick answer is none that is late, however early a late one may come."""
    fault = make("l2_latency", redis_url, proxy, delay_s=0.04, jitter_s=0.04)
    await is_not_seen(fault)
    await fault.inject()
    await wait_until_async(fault.is_effective, what="the fault")
    await fault.undo()
    await wait_until_async(fault.is_cleared, what="the fault's end")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for loopback, and its key."""
    return make_certificate(tmp_path_factory.mktemp("tls"), f"IP:{LOOPBACK}")


@pytest.fixture
async def secured(
    redis_url: str, certificate: tuple[Path, Path], namespace: str
) -> AsyncIterator[str]:
    """The shared server for a user with a password, behind TLS."""
    with closing(Redis.from_url(redis_url)) as client:
        client.execute_command("ACL", "SETUSER", namespace, "on", ">geheim/", "+ping", "+echo")
        async with tls_front(urlsplit(redis_url).port or 0, *certificate) as port:
            user = f"{namespace}:geheim%2F"
            yield f"rediss://{user}@{LOOPBACK}:{port}/0?ssl_ca_certs={certificate[0]}"
        client.execute_command("ACL", "DELUSER", namespace)


async def test_with_a_password_and_tls(secured: str) -> None:
    """A server that wants a password and TLS is looked at as its clients do."""
    async with proxy_of(secured) as proxy:
        for kind in ("l2_latency", "l2_reset", "l2_half_open", "l2_cut_reply"):
            await comes_and_goes(make(kind, secured, proxy))


async def test_a_certificate_is_for_a_name(redis_url: str, tmp_path: Path) -> None:
    """Through the proxy it is asked for from another one, which the URL must allow."""
    files = make_certificate(tmp_path, "DNS:localhost")
    async with tls_front(urlsplit(redis_url).port or 0, *files) as port:
        url = f"rediss://localhost:{port}/0?ssl_ca_certs={files[0]}"
        await wait_until_async(Probe(url).answers, what="an answer of the server")
        async with proxy_of(url) as proxy:
            through = proxied_url(url, proxy)
            assert not await Probe(through).answers()
            allowing = Probe(f"{through}&ssl_check_hostname=false")
            await wait_until_async(allowing.answers, what="an answer through the proxy")


async def test_a_fault_that_another_one_resembles_is_not_taken_for_it(
    redis_url: str, proxy: Proxy
) -> None:
    """Where connections are refused nothing is late, silent, reset or cut."""
    others = [make(kind, redis_url, proxy) for kind in NETWORK if kind != "l2_refused"]
    refused = make("l2_refused", redis_url, proxy)
    await refused.inject()
    assert not any([await other.is_effective() for other in others])
    assert not any([await other.is_cleared() for other in others])
    await refused.undo()


async def test_without_a_proxy(redis_url: str) -> None:
    """A fault of the network needs a proxy, and says so."""
    with pytest.raises(FaultError, match="l2_reset: there is no proxy in front of L2"):
        make("l2_reset", redis_url, None)


async def test_undone_although_it_never_came(redis_url: str, proxy: Proxy) -> None:
    """Undoing what was not done is harmless; what is in force can't come a second time."""
    fault = make("l2_half_open", redis_url, proxy)
    await fault.undo()
    assert await fault.is_cleared()
    await fault.inject()
    with pytest.raises(ServerError, match="l2_half_open is in force already"):
        await fault.inject()
    await fault.undo()
    assert await Probe(proxied_url(redis_url, proxy)).answers()
