"""Waits for tasks and ends them in bounded time, whatever they do with a cancellation."""

import asyncio
from collections.abc import Collection
from typing import Any, Final

PATIENCE_S: Final = 1.0
"""The longest that one step of closing waits for what should end at once."""


async def arrives(task: asyncio.Task[Any], timeout_s: float) -> bool:
    """Wait for ``task`` and tell whether it ended in time.

    A process that does not get the CPU finds its own timer late, which is no fault of whoever is
    to answer: the answer gets as much time more as the timer was late, up to ``timeout_s``.
    """
    loop = asyncio.get_running_loop()
    due_s = loop.time() + timeout_s
    await asyncio.wait({task}, timeout=timeout_s)
    if not task.done():
        await asyncio.wait({task}, timeout=min(loop.time() - due_s, timeout_s))
    return task.done()


async def end(tasks: Collection[asyncio.Task[Any]], within_s: float = PATIENCE_S) -> bool:
    """Cancel ``tasks`` and tell whether all of them ended in time.

    They are cancelled twice: in Python 3.11 ``wait_for``, and code that turns a cancellation into
    an error of its own, can swallow the first.
    """
    left = set(tasks)
    for _ in range(2):
        for task in left:
            task.cancel()
        left = await ended(left, within_s / 2)
    return not left


async def ended(tasks: Collection[asyncio.Task[Any]], within_s: float) -> set[asyncio.Task[Any]]:
    """Wait for ``tasks`` and return those that are not done; failures are no one's business."""
    for task in tasks:
        task.add_done_callback(_retrieve)
    if not tasks:
        return set()
    return (await asyncio.wait(tasks, timeout=within_s))[1]


def _retrieve(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()
