"""A cache's beginning and end: its parts are built, entered once, and left in bounded time."""

import asyncio
import time
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Final, NoReturn, Self

from cache.config import CacheConfig
from cache.deadline import end
from cache.errors import CacheError, ClosedError, NotOpenError
from cache.events import Kind
from cache.flight import Request
from cache.l1.slot import Slot
from cache.loader import Loader
from cache.patience import checked
from cache.patterns import AccessPatterns, NoPatterns
from cache.reading import Reader
from cache.serving import Serving
from cache.tier import MISS
from cache.tiers import Tiers
from cache.warming import Warmer
from cache.writing import Writer

_SWEEP_INTERVAL_S: Final = 1.0


class Lifecycle:
    """What ``MultiLevelCache`` is made of, and how that is opened and closed."""

    _find_slot: Callable[[str], Slot | None]

    def __init__(
        self,
        config: CacheConfig,
        *,
        clock: Callable[[], float] = time.monotonic,
        warming_loader: Loader | None = None,
    ) -> None:
        self.config = config
        self._tiers = Tiers(config, clock, self._watch_hits)
        self._stats = self._tiers.stats
        self._ttls = self._tiers.ttls
        self._plain_request = Request(None, self._ttls, is_plain=True)
        self._l1_cache = self._tiers.l1
        self._l2_cache = self._tiers.l2
        self._l3_cache = self._tiers.l3
        self._access_patterns = (
            AccessPatterns(2 * config.warming_interval, clock=clock)
            if config.enable_warming
            else NoPatterns()
        )
        self._reader = Reader(self._tiers)
        self._writer = Writer(self._tiers, self._reader.reread)
        self._tiers.coherence.reread = self._reader.reread_later
        self._serving = Serving(self._tiers, self._reader, self._access_patterns)
        self._search = self._reader.find
        self._warming_loader = warming_loader
        self._warmer = Warmer(
            config,
            self._access_patterns,
            self._l1_cache,
            self._load_into_l1,
            None if warming_loader is None else self._reload,
            clock=clock,
        )
        self._clock = clock
        self._find_slot = self._refuse_key
        self._is_open = False
        self._was_closed = False
        self._sweeping: asyncio.Task[None] | None = None
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
        self._find_slot = self._l1_cache.find_slot
        self._sweeping = asyncio.create_task(self._keep_sweeping_l1(), name="cache-sweep-l1")
        self._tiers.settler.start()
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
            self._find_slot = self._refuse_key
            self._closing = asyncio.create_task(self._close(), name="cache-close")
        if self._closing is not None:
            await asyncio.shield(self._closing)

    async def _load_into_l1(self, keys: Collection[str]) -> dict[str, bool]:
        landings = await self._reader.find_many(keys, Request(None, self._ttls))
        return {key: landing.value is not MISS for key, landing in landings.items()}

    async def _reload(self, key: str) -> bool:
        """Load a key from the origin for warming, under the same rules as a caller's load."""
        held = self._l1_cache.held(key)
        tags, newer_than = ((), -1) if held is None else (held.tags, held.version)
        request = Request(self._warming_loader, self._ttls, tags, newer_than)
        return checked(await self._reader.find(key, request), request).value is not MISS

    async def _open_tiers(self) -> None:
        opened = await asyncio.gather(
            self._l2_cache.open(), self._l3_cache.open(), return_exceptions=True
        )
        for error in opened:
            if error is not None:
                raise error

    async def _keep_sweeping_l1(self) -> None:
        """Free what has expired although nobody reads it any more."""
        while True:
            await asyncio.sleep(_SWEEP_INTERVAL_S)
            self._l1_cache.sweep()

    async def _close(self) -> None:
        if self._sweeping is not None:
            await end({self._sweeping})
        await self._warmer.stop()
        await self._reader.close()
        await self._writer.close()
        await self._tiers.settler.stop()
        await self._close_tiers()

    async def _close_tiers(self) -> None:
        await asyncio.gather(self._l2_cache.close(), self._l3_cache.close())

    def _watch_hits(self, kinds: frozenset[Kind]) -> None:
        """Learn which kinds of events are listened to."""

    def _refuse_key(self, _key: str) -> NoReturn:
        """Stand in for L1 while the cache is not open: the path of a hit asks nothing else."""
        self._refuse()

    def _check_open(self) -> None:
        if not self._is_open:
            self._refuse()

    def _refuse(self) -> NoReturn:
        if self._was_closed:
            raise ClosedError("the cache is closed: make a new MultiLevelCache and enter it")
        raise NotOpenError("the cache is not open: use it inside `async with cache:`")
