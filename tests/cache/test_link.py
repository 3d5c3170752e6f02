"""The connection to L2: every attempt, however it ends, leaves nothing open behind it."""

import asyncio
import gc
from collections.abc import AsyncIterator

import pytest

from cache.link import Link
from tests.support.servers import LOOPBACK, EmbeddedRedis, free_port


@pytest.fixture
async def rude_url() -> AsyncIterator[str]:
    """A server that accepts every connection and drops it, as a proxy without a backend does."""

    async def drop(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(drop, LOOPBACK, free_port())
    async with server:
        yield f"redis://{LOOPBACK}:{server.sockets[0].getsockname()[1]}/0"


async def _nothing_is_left() -> bool:
    """Collect what leaked, which warns, and so fails the test; then look for tasks."""
    gc.collect()
    return asyncio.all_tasks() == {asyncio.current_task()}


async def test_asks_and_is_answered(shared_redis: EmbeddedRedis) -> None:
    """Once open it serves until it is closed."""
    link = Link(shared_redis.url, 5.0)
    await link.open()
    assert await link.ask(b"ECHO", b"here") == b"here"
    assert link.client_id > 0
    await link.close()
    await link.close()
    with pytest.raises(Exception, match=r"[Cc]onnect"):
        await link.ask(b"PING")
    del link
    assert await _nothing_is_left()


async def test_nothing_listens() -> None:
    """The error names the address."""
    with pytest.raises(Exception, match=f"nothing listens at .*{LOOPBACK}"):
        await Link(f"redis://{LOOPBACK}:{free_port()}/0", 5.0).open()
    assert await _nothing_is_left()


async def test_a_dropped_connection_is_an_error(rude_url: str) -> None:
    """It comes at once, not after the timeout."""
    with pytest.raises(Exception, match=r"[Cc]onnection"):
        await asyncio.wait_for(Link(rude_url, 60.0).open(), 30)
    # The server's own tasks end with their connections.
    for _ in range(5):
        await asyncio.sleep(0)
    gc.collect()


@pytest.mark.resilience
@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 21, 34])
async def test_a_cancelled_attempt_leaves_nothing(redis_server: EmbeddedRedis, turns: int) -> None:
    """Wherever it was, connecting or greeting."""
    redis_server.pause()
    link = Link(redis_server.url, 60.0)
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
    link = Link(redis_server.url, 60.0)
    await link.open()
    redis_server.pause()
    reply = asyncio.ensure_future(link.ask(b"PING"))
    await asyncio.sleep(0)
    await asyncio.wait_for(link.close(), 30)
    with pytest.raises(Exception, match=r"[Cc]onnection"):
        await asyncio.wait_for(reply, 30)
    redis_server.resume()
    assert await _nothing_is_left()
