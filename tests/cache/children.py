"""Caches in processes of their own, as a test steers them."""

import asyncio
import itertools
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import fields
from typing import Any

from cache import CacheConfig
from tests.docs.examples import ROOT

START_TIMEOUT_S = 30.0
CALL_TIMEOUT_S = 30.0


class RemoteCache:
    """One cache in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._listener = asyncio.create_task(self._listen())

    async def call(self, name: str, **arguments: Any) -> Any:
        """Have it do something and return the answer."""
        return await asyncio.wait_for(self.start(name, **arguments), CALL_TIMEOUT_S)

    def start(self, name: str, **arguments: Any) -> "asyncio.Future[Any]":
        """Have it do something and return a future of the answer."""
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        assert self._process.stdin is not None
        request = {"id": number, "do": name, **arguments}
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        return answer

    def kill(self) -> None:
        """Kill it as `kill -9` does."""
        self._process.kill()

    def pause(self) -> None:
        """Stop it in its tracks."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    async def ready(self) -> None:
        """Wait until it has entered its cache."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[0] = answer
        await asyncio.wait_for(answer, START_TIMEOUT_S)

    async def end(self) -> None:
        """Have it leave its cache, and end it whatever it does."""
        if self._process.returncode is None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                await asyncio.wait_for(self._process.wait(), 15.0)
            finally:
                if self._process.returncode is None:
                    self._process.kill()
                    await self._process.wait()
        self._listener.cancel()
        await asyncio.wait({self._listener})

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            message = json.loads(line)
            answer = self._answers.pop(message["id"])
            if answer.done():
                continue
            if "error" in message:
                answer.set_exception(AssertionError(message["error"]))
            else:
                answer.set_result(message["answer"])
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(AssertionError("the process has ended"))
                # Who waits for it may have gone; a killed process answers nobody.
                answer.exception()


@asynccontextmanager
async def caches_elsewhere(count: int, config: CacheConfig) -> AsyncIterator[list[RemoteCache]]:
    """Caches with the same settings, each in a process of its own."""
    settings = {field.name: getattr(config, field.name) for field in fields(config)}
    async with AsyncExitStack() as stack:
        children = []
        for _ in range(count):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.cache.child",
                json.dumps(settings),
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            child = RemoteCache(process)
            stack.push_async_callback(child.end)
            children.append(child)
        await asyncio.gather(*(child.ready() for child in children))
        yield children
