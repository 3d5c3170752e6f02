"""A cache's beginning and end: its parts are built, entered once, and left in bounded time."""

import asyncio
import time
from collections.abc import Callable, Collection
from types import TracebackType
from typing import NoReturn, Self

from cache.config import CacheConfig
from cache.errors import CacheError, ClosedError, NotOpenError
from cache.patterns import AccessPatterns, NoPatterns
from cache.reading import Reader
from cache.tier import MISS
from cache.tiers import build_tiers
from cache.warming import Warmer
from cache.writing import Writer


class Lifecycle:
    """What ``MultiLevelCache`` is made of, and how that is opened and closed."""

    def __init__(self, config: CacheConfig, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.config = config
        self._tiers = build_tiers(config, clock)
        self._stats = self._tiers.stats
        self._ttls = self._tiers.ttls
        self._l1_cache = self._tiers.l1
        self._l2_cache = self._tiers.l2
        self._l3_cache = self._tiers.l3
        self._access_patterns = (
            AccessPatterns(2 * config.warming_interval, clock=clock)
            if config.enable_warming
            else NoPatterns()
        )
        # Bound once: the path of an L1 hit looks nothing up twice.
        self._touch = self._access_patterns.touch
        self._l1_get = self._l1_cache.get
        self._reader = Reader(self._tiers)
        self._writer = Writer(self._tiers)
        self._warmer = Warmer(config, self._access_patterns, self._l1_cache, self._load_into_l1)
        self._is_open = False
        self._was_closed = False
        self._closing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._is_open or self._was_closed:
            raise CacheError("a cache is entered once: make a new MultiLevelCache")
        try:
            await self._open_tiers()
        except BaseException:
            # Nobody will leave a cache that was not entered, so what did open is closed here.
            self._closing = asyncio.create_task(self._close_tiers(), name="cache-close")
            await asyncio.shield(self._closing)
            raise
        self._is_open = True
        self._warmer.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Finish the writes on their way, end the loads, and leave every tier.

        It takes a few seconds at the most, and a caller that is cancelled does not stop it.
        """
        if self._is_open:
            self._is_open = False
            self._was_closed = True
            self._closing = asyncio.create_task(self._close(), name="cache-close")
        if self._closing is not None:
            await asyncio.shield(self._closing)

    async def _load_into_l1(self, keys: Collection[str]) -> int:
        landings = await self._reader.find_many(keys, self._ttls)
        return sum(landing.value is not MISS for landing in landings.values())

    async def _open_tiers(self) -> None:
        opened = await asyncio.gather(
            self._l2_cache.open(), self._l3_cache.open(), return_exceptions=True
        )
        for error in opened:
            if error is not None:
                raise error

    async def _close(self) -> None:
        await self._warmer.stop()
        await self._reader.close()
        await self._writer.close()
        await self._close_tiers()

    async def _close_tiers(self) -> None:
        await asyncio.gather(self._l2_cache.close(), self._l3_cache.close())

    def _check_open(self) -> None:
        if not self._is_open:
            self._refuse()

    def _refuse(self) -> NoReturn:
        if self._was_closed:
            raise ClosedError("the cache is closed: make a new MultiLevelCache and enter it")
        raise NotOpenError("the cache is not open: use it inside `async with cache:`")
