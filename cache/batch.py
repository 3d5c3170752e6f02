"""Gathers what one loop tick asks of a tier into one round trip, and costs a lone caller nothing.

submit -+
submit -+-> waiting --(end of tick, a slot free)--> run([...]) --> one reply for all
submit -+
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from typing import Any, Generic, TypeVar

Request = TypeVar("Request", bound=Collection[Any])
Reply = TypeVar("Reply")


class Coalescer(Generic[Request, Reply]):
    """Runs the requests of one loop tick together, in the order in which they came.

    With a limit of concurrent batches, what arrives while all are busy is gathered into the
    next one, so a slow tier gets larger batches instead of a queue.

    Args:
        run: Answers a batch; it must not raise. Batches start in order.
        max_in_flight: Batches at a time; None is without limit.
        apart: Requests that name a common key go into different batches.
    """

    def __init__(
        self,
        run: Callable[[list[Request]], Awaitable[Reply]],
        *,
        max_in_flight: int | None = None,
        apart: bool = False,
    ) -> None:
        self._run = run
        self._max_in_flight = max_in_flight
        self._apart = apart
        self._waiting: deque[tuple[Request, asyncio.Future[Reply]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flush_due = False

    def submit(self, request: Request) -> asyncio.Future[Reply]:
        """Return a future of the reply; cancelling it leaves the batch alone."""
        loop = asyncio.get_running_loop()
        reply: asyncio.Future[Reply] = loop.create_future()
        self._waiting.append((request, reply))
        if not self._flush_due:
            self._flush_due = True
            loop.call_soon(self._flush)
        return reply

    async def drain(self, within_s: float) -> None:
        """Wait until every batch on its way has ended, but no longer than ``within_s``."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._tasks:
                    await asyncio.wait(self._tasks)

    def _flush(self) -> None:
        self._flush_due = False
        while self._waiting and len(self._tasks) != self._max_in_flight:
            task = asyncio.create_task(self._answer(self._next_batch()))
            self._tasks.add(task)
            task.add_done_callback(self._finish)

    def _next_batch(self) -> list[tuple[Request, asyncio.Future[Reply]]]:
        batch = []
        keys: set[Any] = set()
        while self._waiting:
            if self._apart:
                request = self._waiting[0][0]
                if not keys.isdisjoint(request):
                    break
                keys.update(request)
            batch.append(self._waiting.popleft())
        return batch

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._flush()

    async def _answer(self, batch: list[tuple[Request, asyncio.Future[Reply]]]) -> None:
        try:
            reply = await self._run([request for request, _ in batch])
        except BaseException:
            # Cancelled or not, nobody may wait for an answer that will not come.
            for _, waiter in batch:
                waiter.cancel()
            raise
        for _, waiter in batch:
            if not waiter.done():
                waiter.set_result(reply)
