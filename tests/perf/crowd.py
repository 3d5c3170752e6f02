"""64 tasks of one loop that share work, as the handlers of a server do."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

Item = TypeVar("Item")

TASKS: Final = 64


async def crowd(call: Callable[[Item], Awaitable[Any]], items: Sequence[Item]) -> None:
    """Call once for each item, in 64 tasks that each go through their share one by one."""
    await asyncio.gather(*(one_by_one(call, items[start::TASKS]) for start in range(TASKS)))


async def one_by_one(call: Callable[[Item], Awaitable[Any]], items: Sequence[Item]) -> None:
    """Call once for each item, one at a time."""
    for item in items:
        await call(item)
