"""Random calls from many tasks while tiers fail: no read returns what was superseded before it.

Every value is unique and knows since when it held: a written one since its write was
acknowledged, a loaded one since its load began. A read is wrong when its value is older than a
write, delete or clear of the key that had begun after that and was acknowledged before the read:
at once where the same instance wrote, and a staleness bound later where another one did.
"""

import asyncio
import itertools
import math
import random
import sqlite3
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from functools import partial

import pytest

from cache import MISS, MultiLevelCache, ReadResult
from tests.cache.conftest import ConfigMaker
from tests.support.servers import EmbeddedRedis, killed, paused
from tests.support.waiting import wait_until_async

pytestmark = pytest.mark.resilience

HOT = ["hot0", "hot1"]
KEYS = [*HOT, *(f"k{number}" for number in range(60))]
TASKS = 24
OUTAGES = 3
CALM_S = 0.12
MAX_STALENESS_S = 0.3
LATE_S = MAX_STALENESS_S + 0.5
"""From then on nobody may be served what another instance's acknowledged write superseded."""


class History:
    """What was called and acknowledged when, in steps of one counter."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.is_calm = True
        self.reads = dict.fromkeys(("l1", "l2", "l3", "origin", "miss"), 0)
        self._now = itertools.count(1)
        self._since: dict[int, float] = {}
        self._own: defaultdict[tuple[MultiLevelCache, str], int] = defaultdict(int)
        self._anyone: defaultdict[str, int] = defaultdict(int)
        self._long_ago: defaultdict[str, int] = defaultdict(int)
        self._recent: defaultdict[str, deque[tuple[float, int]]] = defaultdict(deque)

    def new_value(self) -> int:
        """Return a value that no one acknowledged yet."""
        value = next(self._now)
        self._since[value] = math.inf
        return value

    def load(self, key: str) -> int:
        """Be the origin: what it returns holds from now on."""
        del key
        value = next(self._now)
        self._since[value] = value
        return value

    async def slow_load(self, key: str) -> int:
        """Be an origin that takes a while to answer."""
        value = self.load(key)
        await asyncio.sleep(value % 8 / 1000)
        return value

    async def write(
        self, by: MultiLevelCache, values: Mapping[str, int | None], call: Awaitable[None]
    ) -> None:
        """Note a write or, with None, a removal."""
        began = next(self._now)
        await call
        acknowledged_s = time.monotonic()
        for key, value in values.items():
            self._own[by, key] = max(self._own[by, key], began)
            self._anyone[key] = max(self._anyone[key], began)
            self._recent[key].append((acknowledged_s, began))
            if value is not None:
                self._since[value] = next(self._now)

    async def read(
        self,
        by: MultiLevelCache,
        keys: Iterable[str],
        call: Callable[[], Awaitable[dict[str, ReadResult]]],
    ) -> None:
        """Check a read."""
        replaced = {key: max(self._own[by, key], self._replaced_long_ago(key)) for key in keys}
        for key, (value, level, *_) in (await call()).items():
            self.reads[level] += 1
            if value is not MISS and self._since[value] < replaced[key]:
                whose = "its own" if self._own[by, key] == replaced[key] else "another's"
                self.wrong.append(
                    f"{key} = {value} from {level}: it held since {self._since[value]}, "
                    f"and {whose} write that began at {replaced[key]} had been acknowledged"
                )

    def holds(self, key: str, value: int) -> bool:
        """Tell whether nobody's acknowledged write, however new, has superseded a value."""
        return self._since[value] >= self._anyone[key]

    def _replaced_long_ago(self, key: str) -> int:
        """Return when the last write began whose acknowledgment everyone has heard of by now."""
        recent, before_s = self._recent[key], time.monotonic() - LATE_S
        while recent and recent[0][0] < before_s:
            self._long_ago[key] = max(self._long_ago[key], recent.popleft()[1])
        return self._long_ago[key]


class User:
    """Makes random calls."""

    def __init__(self, cache: MultiLevelCache, history: History, seed: str) -> None:
        self._cache = cache
        self._history = history
        self._random = random.Random(seed)

    async def work(self, done: asyncio.Event) -> None:
        """Make calls until the end."""
        calls = {
            self._get: 40,
            self._get_many: 20,
            self._set: 8,
            self._set_many: 4,
            self._delete: 8,
            self._clear: 0.5,
            self._forget: 15,
        }
        while not done.is_set():
            [call] = self._random.choices(list(calls), list(calls.values()))
            await call()
            await asyncio.sleep(self._random.choice([0, 0, 0.001, 0.003]))

    def _some_keys(self) -> list[str]:
        return [*HOT, *self._random.sample(KEYS, 4)]

    def _one_key(self) -> str:
        return self._random.choice([self._random.choice(HOT), self._random.choice(KEYS)])

    async def _get(self) -> None:
        key = self._one_key()
        loader = self._random.choice([None, self._history.load, self._history.slow_load])

        async def call() -> dict[str, ReadResult]:
            return {key: await self._cache.get_with_info(key, loader)}

        await self._history.read(self._cache, [key], call)

    async def _get_many(self) -> None:
        keys = self._some_keys()
        await self._history.read(self._cache, keys, lambda: self._cache.get_many_with_info(keys))

    async def _set(self) -> None:
        key, value = self._one_key(), self._history.new_value()
        await self._history.write(self._cache, {key: value}, self._cache.set(key, value))

    async def _set_many(self) -> None:
        values = {key: self._history.new_value() for key in self._some_keys()}
        await self._history.write(self._cache, values, self._cache.set_many(values))

    async def _delete(self) -> None:
        key = self._one_key()
        await self._history.write(self._cache, {key: None}, self._cache.delete(key))

    async def _forget(self) -> None:
        """Show what the tiers below hold."""
        if self._history.is_calm and self._random.random() < 0.2:
            await self._cache.clear_tier("l2")
        await self._cache.clear_tier("l1")

    async def _clear(self) -> None:
        # One in an outage would empty the tier when it is back, and hide what repair forgot.
        if self._history.is_calm:
            await self._history.write(self._cache, dict.fromkeys(KEYS), self._cache.clear())


@asynccontextmanager
async def _l2_killed(
    caches: Sequence[MultiLevelCache], server: EmbeddedRedis
) -> AsyncIterator[None]:
    with killed(server):
        yield
    await _all_serve(caches)


@asynccontextmanager
async def _l2_stopped(
    caches: Sequence[MultiLevelCache], server: EmbeddedRedis
) -> AsyncIterator[None]:
    with paused(server):
        yield
    await _all_serve(caches)


@asynccontextmanager
async def _l3_locked(
    caches: Sequence[MultiLevelCache], server: EmbeddedRedis
) -> AsyncIterator[None]:
    del server
    file = (caches[0].config.l3_url or "").removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as other:
        await wait_until_async(lambda: _locks(other), what="a lock", interval_s=0.001)
        yield
        other.execute("ROLLBACK")
    await _all_serve(caches)


def _locks(database: sqlite3.Connection) -> bool:
    try:
        database.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


async def _all_serve(caches: Sequence[MultiLevelCache]) -> None:
    await wait_until_async(
        lambda: all(cache._l2_cache.serves and cache._l3_cache.serves for cache in caches),
        what="every tier to serve",
    )


@asynccontextmanager
async def _at_work(users: Iterable[User]) -> AsyncIterator[None]:
    """Have users make calls for the length of the block."""
    done = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for user in users:
            tasks.create_task(user.work(done))
        yield
        done.set()


async def _agree(caches: Sequence[MultiLevelCache], history: History) -> None:
    """Wait until all caches have the same values, L1 included, and none that was superseded."""

    async def disagreement() -> dict[str, object]:
        first, *others = [await cache.get_many(KEYS) for cache in caches]
        wrong = {key: value for key, value in first.items() if not history.holds(key, value)}
        apart = [
            (key, first.get(key), other.get(key))
            for other in others
            for key in KEYS
            if first.get(key) != other.get(key)
        ]
        return {"superseded": wrong, "apart": apart} if wrong or apart else {}

    seen: list[dict[str, object]] = []

    async def agreed() -> bool:
        seen.append(await disagreement())
        return not seen[-1]

    await wait_until_async(agreed, what="agreement on every key", diagnosis=lambda: seen[-1])


OUTAGE = {"l2 killed": _l2_killed, "l2 stopped": _l2_stopped, "l3 locked": _l3_locked}


@pytest.mark.parametrize("instances", [1, 2])
@pytest.mark.parametrize("how", OUTAGE)
async def test_no_read_returns_what_was_superseded_before_it(
    make_config: ConfigMaker, redis_server: EmbeddedRedis, how: str, instances: int
) -> None:
    """Through several outages, short enough to flap and long enough to be noticed."""
    config = make_config(
        l2_url=redis_server.url,
        l1_max_size=2 if instances == 1 else 20,
        l2_timeout_s=0.1,
        # What neither tier took may be lost: an L3 that is only slow must not seem away.
        l3_timeout_s=0.2 if how == "l3 locked" else 5.0,
        health_interval_s=0.02,
        max_staleness_s=MAX_STALENESS_S,
    )
    history, seeded = History(), random.Random(how)
    async with AsyncExitStack() as stack:
        caches = [
            await stack.enter_async_context(MultiLevelCache(config)) for _ in range(instances)
        ]
        users = [
            User(cache, history, f"{how} {number}")
            for number, cache in zip(range(TASKS), itertools.cycle(caches), strict=False)
        ]
        for _ in range(OUTAGES):
            async with _at_work(users):
                await asyncio.sleep(CALM_S)
                history.is_calm = False
                async with OUTAGE[how](caches, redis_server):
                    await asyncio.sleep(seeded.choice([0.01, 0.06, 0.2]))
                history.is_calm = True
                for cache in caches:
                    await cache.clear_tier("l1")
                    await history.read(cache, KEYS, partial(cache.get_many_with_info, KEYS))
                await asyncio.sleep(CALM_S)
            await _agree(caches, history)
    l3_failures = [cache._l3_cache.counts.failures for cache in caches]
    assert not history.wrong, "\n".join([*history.wrong[:10], f"failures of L3: {l3_failures}"])
    assert all(history.reads.values()), history.reads
