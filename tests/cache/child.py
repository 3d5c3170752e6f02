"""A cache in a process of its own, told what to do by lines of JSON: see `children`.

Each line on stdin is `{"id": 1, "do": "get", ...}`; each answer is `{"id": 1, "answer": ...}`.
Calls run beside each other, as those of a program's tasks do.
"""

import asyncio
import json
import sys
from contextlib import suppress
from typing import Any

from cache import MISS, CacheConfig, MultiLevelCache


class Child:
    """Does what its parent asks of one cache."""

    def __init__(self, cache: MultiLevelCache) -> None:
        self._cache = cache
        self._loads = 0
        self._gate = asyncio.Event()
        self._gate.set()

    async def answer(self, request: dict[str, Any]) -> Any:
        """Do one thing and return what came of it."""
        name = request.pop("do")
        return await getattr(self, f"do_{name}")(**request)

    async def do_get(self, key: str) -> list[Any]:
        """Read without a loader: value and level."""
        return _shown(await self._cache.get_with_info(key))

    async def do_load(
        self, key: str, value: Any, after_s: float = 0.0, tags: tuple[str, ...] = ()
    ) -> list[Any]:
        """Read with a loader that takes a while, and first waits for the gate."""

        async def loader() -> Any:
            self._loads += 1
            await self._gate.wait()
            await asyncio.sleep(after_s)
            return value

        return _shown(await self._cache.get_with_info(key, loader, tags=tags))

    async def do_load_often(self, key: str, tasks: int, value: Any, after_s: float) -> list[Any]:
        """Read with a loader from many tasks at once: the values seen."""
        found = await asyncio.gather(*(self.do_load(key, value, after_s) for _ in range(tasks)))
        return [value for value, _level in found]

    async def do_loads(self) -> int:
        """Tell how many loads began."""
        return self._loads

    async def do_shut(self) -> None:
        """Make loaders wait."""
        self._gate.clear()

    async def do_release(self) -> None:
        """Let loaders go on."""
        self._gate.set()

    async def do_set(self, key: str, value: Any, tags: tuple[str, ...] = ()) -> None:
        """Write."""
        await self._cache.set(key, value, tags=tags)

    async def do_delete(self, key: str) -> None:
        """Delete."""
        await self._cache.delete(key)

    async def do_clear(self) -> None:
        """Clear."""
        await self._cache.clear()

    async def do_invalidate_tag(self, tag: str) -> int:
        """Invalidate a tag."""
        return await self._cache.invalidate_tag(tag)

    async def do_holds(self, key: str) -> bool:
        """Tell whether L1 holds a key."""
        return key in self._cache._l1_cache

    async def do_serves(self) -> bool:
        """Tell whether L2 serves."""
        return bool(self._cache._l2_cache.serves)


def _shown(result: Any) -> list[Any]:
    return [None if result.value is MISS else result.value, result.level]


async def _serve(settings: dict[str, Any]) -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with MultiLevelCache(CacheConfig(**settings)) as cache:
        child = Child(cache)
        _say({"id": 0, "answer": "ready"})
        tasks = set()
        while line := await lines.readline():
            task = asyncio.create_task(_answer(child, json.loads(line)))
            tasks.add(task)
            task.add_done_callback(tasks.discard)


async def _answer(child: Child, request: dict[str, Any]) -> None:
    number = request.pop("id")
    try:
        _say({"id": number, "answer": await child.answer(request)})
    except Exception as error:  # noqa: BLE001 - told to the parent, whatever it is
        _say({"id": number, "error": repr(error)})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(json.loads(sys.argv[1])))
