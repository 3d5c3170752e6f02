"""Work that is never left half-done: in a thread beside the event loop, or in a task of its own."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def run_to_end(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking function in a thread and wait for its end, even where the caller is cancelled.

    A server that is being started when its job is stopped must be up before it can be stopped.

    Raises:
        asyncio.CancelledError: The caller was cancelled; the function has ended by then.
    """
    running = asyncio.ensure_future(asyncio.to_thread(function, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        if not running.cancelled():
            running.exception()
        raise


async def shielded(work: Coroutine[Any, Any, T]) -> T:
    """Do something to its end, however often the caller is cancelled meanwhile.

    What is broken on purpose is mended also where a job is stopped, and stopped once more.

    Raises:
        asyncio.CancelledError: The caller was cancelled; the work has ended well by then.
        Exception: What the work raised.
    """
    running = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        running.result()
        raise
