"""The cache that callers use: L1 answers in place, everything else is the paths' business."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from cache.cached import Decorator, cached
from cache.errors import CacheError
from cache.events import Hit, Kind
from cache.flight import Landing, Request
from cache.key import check_key, check_tags, checked_keys
from cache.loader import Loader
from cache.operated import Operated
from cache.tier import MISS
from cache.ttl import TTLs

_REASONS: Final = MappingProxyType({"miss": "no tier has it", "origin": "it was loaded"})


class ReadResult(NamedTuple):
    """What a read found, and where it came from.

    Attributes:
        value: The value, or ``MISS``.
        level: What answered: l1, l2, l3, origin or miss.
        age_s: Seconds since the value was written or loaded.
        stale: Whether its time was over.
        reason: Why this value, in a few words.
    """

    value: Any
    level: str
    age_s: float = 0.0
    stale: bool = False
    reason: str = ""


class MultiLevelCache(Operated):
    """A cache in three tiers: memory, Redis or Valkey, and a SQL database.

    Use it as ``async with MultiLevelCache(config) as cache``. A tier that fails or hangs turns
    into misses; it never raises and never holds a call for longer than its timeout.

    Args:
        config: The settings.
        clock: Seconds, never going back, for expiry in L1 and for access counts.
        warming_loader: Called by warming for a hot key that no tier has, or that is about to end.

    Raises:
        ConfigError: An address can't be understood.
    """

    async def get(
        self,
        key: str,
        fallback_func: Loader | None = None,
        *,
        l1_ttl: float | None = None,
        l2_ttl: float | None = None,
        l3_ttl: float | None = None,
        tags: Collection[str] = (),
    ) -> Any:
        """Return a key's value, or None.

        Args:
            key: A non-empty string.
            fallback_func: Called when no tier has the key, with the key if it takes an
                argument; sync or async. What it returns is stored. One call at a time for a
                key, in all processes that share L2; who asks meanwhile gets its result.
            l1_ttl: Seconds in L1 of a value loaded by this call; None is the default.
            l2_ttl: The same for L2.
            l3_ttl: The same for L3.
            tags: What a value loaded by this call can be invalidated by.

        Raises:
            InvalidKeyError: The key is not a non-empty string.
            InvalidTTLError: A TTL is not positive.
            LoadTimeoutError: The load took longer than ``load_timeout_s``.
            Exception: What ``fallback_func`` raised, unchanged.
        """
        # The path of a hit, written out (see ``MemoryTier``): each call would cost a fifth of it.
        # A name is called faster than an attribute that holds a function.
        find_slot, clock = self._find_slot, self._clock
        try:
            slot = find_slot(key)
        except TypeError:
            check_key(key)
            raise
        if (
            slot is not None
            and slot.due_at > clock()
            and l1_ttl is None
            and l2_ttl is None
            and l3_ttl is None
        ):
            left = slot.untimed - 1
            if not left:
                return self._l1_cache.timed_hit(slot)
            slot.untimed = left
            copier = slot.copier
            return slot.value if copier is None else copier(slot.value)
        check_key(key)
        request = self._plain_request
        if fallback_func is not None or not l1_ttl is l2_ttl is l3_ttl is None or tags:
            ttls = self._ttls.replaced(l1_ttl, l2_ttl, l3_ttl)
            request = Request(fallback_func, ttls, check_tags(tags))
        if slot is None:
            started_ns = time.perf_counter_ns()
            landing = await self._search(key, request)
            # While somebody listens to hits, this method is not the one that is called.
            if not landing.is_counted:
                landing = self._serving.answered(key, landing, request, started_ns)
        else:
            landing = await self._serving.find(key, request)
        return None if landing.value is MISS else landing.value

    async def get_with_info(
        self,
        key: str,
        fallback_func: Loader | None = None,
        *,
        l1_ttl: float | None = None,
        l2_ttl: float | None = None,
        l3_ttl: float | None = None,
        tags: Collection[str] = (),
    ) -> ReadResult:
        """Do as ``get`` does, and tell where the value came from; a miss is ``MISS``."""
        self._check_open()
        check_key(key)
        ttls = self._ttls.replaced(l1_ttl, l2_ttl, l3_ttl)
        return _result(await self._serving.find(key, self._request(fallback_func, ttls, tags)))

    async def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        """Return the values of the keys that were found, with one round trip to each tier."""
        results = await self.get_many_with_info(keys)
        return {key: result.value for key, result in results.items() if result.value is not MISS}

    async def get_many_with_info(self, keys: Iterable[str]) -> dict[str, ReadResult]:
        """Return value and origin of every key, the missing ones too."""
        self._check_open()
        request = self._plain_request
        results = dict.fromkeys(checked_keys(keys), _MISSING)
        missing = []
        for key in results:
            landing, _ = self._serving.at_hand(key, request)
            if landing is None:
                missing.append(key)
            else:
                results[key] = _result(landing)
        if missing:
            started_ns = time.perf_counter_ns()
            for key, landing in (await self._reader.find_many(missing, request)).items():
                self._serving.record(key, landing, time.perf_counter_ns() - started_ns)
                results[key] = _result(landing)
        return results

    async def set(
        self,
        key: str,
        value: Any,
        *,
        l1_ttl: float | None = None,
        l2_ttl: float | None = None,
        l3_ttl: float | None = None,
        tags: Collection[str] = (),
    ) -> None:
        """Store a value in every tier; see ``set_many``."""
        await self.set_many({key: value}, l1_ttl=l1_ttl, l2_ttl=l2_ttl, l3_ttl=l3_ttl, tags=tags)

    async def set_many(
        self,
        mapping: Mapping[str, Any],
        *,
        l1_ttl: float | None = None,
        l2_ttl: float | None = None,
        l3_ttl: float | None = None,
        tags: Collection[str] = (),
    ) -> None:
        """Store values in every tier, with one round trip to each.

        A value that does not come back from JSON as it was stays in L1 only. No tier keeps a
        value for longer than the tier below it does.

        Raises:
            InvalidKeyError: A key or a tag is not a non-empty string; nothing was stored.
            InvalidTTLError: A TTL is not positive; nothing was stored.
            InvalidValueError: A value can't be copied; nothing was stored.
            ValueTooLargeError: A value is larger than ``max_value_bytes``; nothing was stored.
        """
        self._check_open()
        checked_keys(mapping)
        ttls = self._ttls.replaced(l1_ttl, l2_ttl, l3_ttl)
        started_ns = time.perf_counter_ns()
        await self._writer.set_many(mapping, ttls, check_tags(tags))
        self._stats.writes += len(mapping)
        self._stats.write_times.record(time.perf_counter_ns() - started_ns)

    async def delete(self, key: str) -> None:
        """Remove a key from every tier."""
        self._check_open()
        check_key(key)
        await self._writer.delete_many([key])
        self._stats.deletes += 1

    async def invalidate_tag(self, tag: str) -> int:
        """Remove every value under a tag from every tier and process.

        Returns:
            How many keys were known to be under it, those that are being loaded among them.

        Raises:
            InvalidKeyError: The tag is not a non-empty string.
        """
        self._check_open()
        check_key(tag)
        removed = await self._writer.delete_tagged([tag])
        self._stats.tags_invalidated += 1
        return removed

    async def clear(self) -> None:
        """Remove every key of this cache's namespace from every tier, and nothing else."""
        self._check_open()
        await self._writer.clear()

    async def clear_tier(self, level: str) -> None:
        """Empty one tier (l1, l2 or l3) of this cache's namespace; the others keep theirs."""
        self._check_open()
        if level == "l1":
            self._tiers.coherence.forget_echoes()
            self._tiers.flights.report(None)
            self._l1_cache.clear()
        elif level == "l2":
            await self._l2_cache.clear()
        elif level == "l3":
            await self._l3_cache.clear()
        else:
            raise CacheError(f"no tier is called {level!r}: choose l1, l2 or l3")

    def cached(
        self,
        *,
        key: str | Callable[..., str] | None = None,
        ttl: float | None = None,
        tags: Collection[str] | Callable[..., Collection[str]] = (),
    ) -> Decorator:
        """Return a decorator that keeps what a function returns; see ``cache.cached``."""
        return cached(self, key=key, ttl=ttl, tags=tags)

    def subscribe(self, listener: Callable[[Any], object], *kinds: Kind) -> Callable[[], None]:
        """Have ``listener`` called with events; see ``cache.events``.

        Returns:
            What ends the subscription.
        """
        return self._tiers.events.subscribe(listener, *kinds)

    async def _told_get(self, key: str, fallback_func: Loader | None = None, **more: Any) -> Any:
        """Do as ``get`` does, and tell who listens to hits."""
        value = (await self.get_with_info(key, fallback_func, **more)).value
        return None if value is MISS else value

    def _watch_hits(self, kinds: frozenset[Kind]) -> None:
        """Have ``get`` tell of hits only while somebody listens, so that it costs nothing else."""
        if Hit in kinds:
            vars(self)["get"] = self._told_get
        else:
            vars(self).pop("get", None)

    def _request(self, loader: Loader | None, ttls: TTLs, tags: Collection[str]) -> Request:
        if loader is None and ttls is self._ttls and not tags:
            return self._plain_request
        return Request(loader, ttls, check_tags(tags) if tags else ())


_MISSING: Final = ReadResult(MISS, "miss", reason=_REASONS["miss"])


def _result(landing: Landing) -> ReadResult:
    reason = landing.reason or _REASONS.get(landing.level, "fresh")
    return ReadResult(landing.value, landing.level, landing.age_s, landing.stale, reason)
