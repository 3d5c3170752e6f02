"""The connection to L2: every attempt, however it ends, leaves nothing open behind it."""

import asyncio
import gc
from collections.abc import AsyncIterator

import pytest

from cache.address import parse_l2_url
from cache.errors import TierError
from cache.l2.endpoint import Endpoint
from cache.l2.link import Link
from tests.support.servers import LOOPBACK, EmbeddedRedis, free_port
from tests.support.waiting import wait_until_async


@pytest.fixture
async def rude_url() -> AsyncIterator[str]:
    """A server that accepts every connection and drops it, as a proxy without a backend does."""

    async def drop(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(drop, LOOPBACK, free_port())
    async with server:
        yield f"redis://{LOOPBACK}:{server.sockets[0].getsockname()[1]}/0"


def link_to(url: str, timeout_s: float) -> Link:
    """Return a connection to the server at the URL, not yet made."""
    return Link(Endpoint.of(parse_l2_url(url)), timeout_s)


async def _nothing_is_left() -> bool:
    """Collect what leaked, which warns, and so fails the test; then look for tasks."""
    gc.collect()
    return asyncio.all_tasks() == {asyncio.current_task()}


async def test_asks_and_is_answered(shared_redis: EmbeddedRedis) -> None:
    """Once open it serves until it is closed."""
    link = link_to(shared_redis.url, 5.0)
    await link.open()
    assert await link.ask(b"ECHO", b"here") == b"here"
    assert link.client_id > 0
    await link.close()
    await link.close()
    with pytest.raises(Exception, match=r"[Cc]onnect"):
        await link.ask(b"PING")
    del link
    assert await _nothing_is_left()


async def test_several_commands_are_answered_together(shared_redis: EmbeddedRedis) -> None:
    """An error among them is one of the answers."""
    link = link_to(shared_redis.url, 5.0)
    await link.open()
    replies = await link.reply(link.send_all([(b"ECHO", b"a"), (b"NONSENSE",), (b"ECHO", b"b")]))
    assert (replies[0], replies[2]) == (b"a", b"b")
    assert "NONSENSE" in str(replies[1])
    await link.close()


async def test_an_unopened_link_says_so() -> None:
    """And closes without a word."""
    link = link_to(f"redis://{LOOPBACK}:{free_port()}/0", 5.0)
    for send in (lambda: link.send(b"PING"), lambda: link.send_all([(b"PING",)])):
        with pytest.raises(TierError, match="not connected"):
            send()
    await link.close()


async def test_its_loss_is_told_once(redis_server: EmbeddedRedis) -> None:
    """At once, with the server's place; an end that was asked for is no loss."""
    losses: list[Exception] = []
    endpoint = Endpoint.of(parse_l2_url(redis_server.url))
    lost, closed = (Link(endpoint, 5.0, on_lost=losses.append) for _ in range(2))
    await lost.open()
    await closed.open()
    await closed.close()
    assert losses == []
    redis_server.kill()
    await wait_until_async(lambda: losses, what="the loss")
    assert [str(loss) for loss in losses] == [f"{endpoint} ended the connection"]
    with pytest.raises(Exception, match=r"[Cc]onnect"):
        await lost.ask(b"PING")
    await lost.close()
    assert len(losses) == 1
    del lost, closed
    assert await _nothing_is_left()


async def test_a_caller_that_gives_up_costs_nobody_else(redis_server: EmbeddedRedis) -> None:
    """One command or several: the connection goes on."""
    link = link_to(redis_server.url, 60.0)
    await link.open()
    redis_server.pause()
    waiting = [
        asyncio.ensure_future(link.reply(link.send(b"PING"))),
        asyncio.ensure_future(link.reply(link.send_all([(b"PING",), (b"PING",)]))),
    ]
    await asyncio.sleep(0)
    for each in waiting:
        each.cancel()
    await asyncio.wait(waiting)
    redis_server.resume()
    assert await link.ask(b"ECHO", b"here") == b"here"
    await link.close()


async def test_nothing_listens() -> None:
    """The error names the address."""
    with pytest.raises(Exception, match=f"nothing listens at .*{LOOPBACK}"):
        await link_to(f"redis://{LOOPBACK}:{free_port()}/0", 5.0).open()
    assert await _nothing_is_left()


async def test_a_dropped_connection_is_an_error(rude_url: str) -> None:
    """It comes at once, not after the timeout."""
    with pytest.raises(Exception, match=r"[Cc]onnection"):
        await asyncio.wait_for(link_to(rude_url, 60.0).open(), 30)
    # The server's own tasks end with their connections.
    for _ in range(5):
        await asyncio.sleep(0)
    gc.collect()


@pytest.mark.resilience
@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 21, 34])
async def test_a_cancelled_attempt_leaves_nothing(redis_server: EmbeddedRedis, turns: int) -> None:
    """Wherever it was, connecting or greeting."""
    redis_server.pause()
    link = link_to(redis_server.url, 60.0)
    opening = asyncio.create_task(link.open())
    for _ in range(turns):
        await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    redis_server.resume()
    del link, opening
    assert await _nothing_is_left()


@pytest.mark.resilience
async def test_closing_does_not_wait_for_a_stopped_server(redis_server: EmbeddedRedis) -> None:
    """Neither do the replies on their way: they fail."""
    link = link_to(redis_server.url, 60.0)
    await link.open()
    redis_server.pause()
    reply = asyncio.ensure_future(link.ask(b"PING"))
    await asyncio.sleep(0)
    await asyncio.wait_for(link.close(), 30)
    with pytest.raises(Exception, match=r"[Cc]onnection"):
        await asyncio.wait_for(reply, 30)
    redis_server.resume()
    assert await _nothing_is_left()
