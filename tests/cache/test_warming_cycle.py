"""Warming by itself, on a clock set by hand: what a cycle fetches, loads, counts and costs."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import pytest

from cache.config import CacheConfig
from cache.l1.memory import MemoryTier
from cache.patterns import AccessPatterns
from cache.warming import Warmer
from tests.cache.conftest import ManualClock
from tests.support.waiting import wait_until_async

INTERVAL_S = 60.0


class World:
    """L1, a tier below it, an origin, and a warmer between them."""

    def __init__(self, clock: ManualClock, *, loads: bool = True, **settings: object) -> None:
        self.clock = clock
        self.config = CacheConfig(
            **{
                "l1_max_size": 100,
                "warming_threshold": 2,
                "warming_interval": INTERVAL_S,
                "warming_loads_per_s": 10,
                **settings,
            }
        )
        self.l1 = MemoryTier(self.config.l1_max_size, clock=clock)
        self.patterns = AccessPatterns(2 * INTERVAL_S, clock=clock)
        self.below: dict[str, float | None] = {}
        self.origin: set[str] = set()
        self.fetched: list[list[str]] = []
        self.loaded: list[tuple[str, float]] = []
        self.warmer = Warmer(
            self.config,
            self.patterns,
            self.l1,
            self.fetch,
            self.reload if loads else None,
            clock=clock,
            sleep=self.sleep,
        )

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once, after what had begun before."""
        await asyncio.sleep(0)
        self.clock.advance(seconds)

    async def fetch(self, keys: Collection[str]) -> dict[str, bool]:
        """Put into L1 what the tier below has; its values are the seconds they are fresh."""
        self.fetched.append(list(keys))
        for key in keys:
            if key in self.below:
                self.l1.set(key, "below", self.below[key], fresh_s=self.below[key])
        return {key: key in self.below for key in keys}

    async def reload(self, key: str) -> bool:
        """Load a key from the origin into L1."""
        self.loaded.append((key, self.clock()))
        if key in self.origin:
            self.l1.set(key, "loaded", 300, fresh_s=300)
        return key in self.origin

    def heat(self, *keys: str, reads: int = 10) -> None:
        """Have keys read that often."""
        for key in keys:
            self.patterns.add(key, reads)

    def loaded_keys(self) -> list[str]:
        """The keys that were loaded, in order."""
        return [key for key, _ in self.loaded]


async def test_hot_keys_missing_from_l1_are_fetched_in_one_batch(clock: ManualClock) -> None:
    """From the tiers below, and without a load where these have them."""
    world = World(clock)
    world.below = {"a": 300, "b": None, "held": 300, "cold": 300}
    world.l1.set("held", 1, 300)
    world.heat("a", "b", "held")
    world.heat("cold", reads=1)
    assert await world.warmer.cycle() == 2
    assert [set(keys) for keys in world.fetched] == [{"a", "b"}]
    assert "a" in world.l1
    assert world.loaded == []
    assert await world.warmer.cycle() == 0
    assert len(world.fetched) == 1


async def test_what_no_tier_has_is_loaded_from_the_origin(clock: ManualClock) -> None:
    """And what that has not either is not found."""
    world = World(clock)
    world.below, world.origin = {"a": 300}, {"b", "c"}
    world.heat("a", "b", "c", "nowhere")
    assert await world.warmer.cycle() == 3
    assert sorted(world.loaded_keys()) == ["b", "c", "nowhere"]
    counts = world.warmer.counts
    assert (counts.cycles, counts.keys_warmed, counts.keys_not_found) == (1, 3, 1)
    assert (counts.loads_spent, counts.loads_denied) == (3, 0)


async def test_without_a_loader_nothing_is_loaded(clock: ManualClock) -> None:
    """Nor is it said that the budget denied it."""
    world = World(clock, loads=False)
    world.heat("nowhere")
    assert await world.warmer.cycle() == 0
    counts = world.warmer.counts
    assert (counts.keys_not_found, counts.loads_spent, counts.loads_denied) == (1, 0, 0)


async def test_no_budget_allows_no_load(clock: ManualClock) -> None:
    """0 loads a second is never."""
    world = World(clock, warming_loads_per_s=0)
    world.origin = {"a", "b"}
    world.heat("a", "b")
    assert await world.warmer.cycle() == 0
    assert world.loaded == []
    assert (world.warmer.counts.loads_spent, world.warmer.counts.loads_denied) == (0, 2)


async def test_loads_keep_to_the_budget_over_any_time(clock: ManualClock) -> None:
    """In one cycle and over several that follow at once."""
    world = World(clock, warming_loads_per_s=5, max_warming_keys=40)
    for cycle in range(5):
        world.heat(*(f"k{cycle}-{number}" for number in range(40)))
        await world.warmer.cycle()
    times = [at for _, at in world.loaded]
    assert len(times) == 5 * 40
    for number in range(1, 30):
        gaps = (later - first for first, later in zip(times, times[number:], strict=False))
        assert min(gaps) >= number / 5 - 1e-6


async def test_a_cycle_ends_before_the_next(clock: ManualClock) -> None:
    """What the budget does not allow until then is denied, the least worth of it."""
    world = World(clock, warming_loads_per_s=0.1, max_warming_keys=40)
    for number in range(20):
        world.heat(f"k{number:02}", reads=100 - number)
    started_s = clock()
    await world.warmer.cycle()
    assert clock() - started_s <= INTERVAL_S
    assert world.loaded_keys() == [f"k{number:02}" for number in range(7)]
    assert (world.warmer.counts.loads_spent, world.warmer.counts.loads_denied) == (7, 13)


async def test_the_dearest_loads_come_first(clock: ManualClock) -> None:
    """What is rarer and so much dearer saves more, of what is loaded and of what is fetched."""
    world = World(clock, warming_loads_per_s=1 / INTERVAL_S, max_warming_keys=2)
    for key, reads, load_s in (("often", 90, 0.01), ("dear", 10, 1.0), ("cheap", 20, 0.01)):
        world.heat(key, reads=reads)
        world.patterns.note_cost(key, load_s, "origin")
    await world.warmer.cycle()
    assert world.fetched == [["dear", "often"]]
    assert world.loaded_keys() == ["dear", "often"]


@pytest.mark.parametrize(
    ("times", "refreshed"),
    [
        ({"ttl_s": 61}, False),
        ({"ttl_s": 59}, True),
        ({"ttl_s": 300, "fresh_s": 59}, True),
        ({"ttl_s": 300, "fresh_s": 61}, False),
        ({"ttl_s": 300, "refresh_s": 1}, False),
    ],
)
async def test_hot_keys_are_renewed_before_they_end(
    clock: ManualClock, times: dict[str, float], *, refreshed: bool
) -> None:
    """Those that would expire or be stale before the next cycle, and no others."""
    world = World(clock)
    world.below = {"a": 300, "cold": 300}
    world.heat("a")
    world.l1.set("a", "old", **times)
    world.l1.set("cold", "old", **times)
    assert await world.warmer.cycle() == refreshed
    assert world.l1.get("a") == ("below" if refreshed else "old")
    assert world.l1.get("cold") == "old"
    assert world.loaded == []


async def test_what_ends_in_every_tier_is_loaded_anew(clock: ManualClock) -> None:
    """Where the tiers below have nothing that lasts, and where they have nothing."""
    world = World(clock)
    world.below, world.origin = {"a": 40, "b": 40}, {"a", "c"}
    world.heat("a", "b", "c")
    for key in "abc":
        world.l1.set(key, "old", 40, fresh_s=40)
    assert await world.warmer.cycle() == 2
    assert sorted(world.loaded_keys()) == ["a", "b", "c"]
    assert [world.l1.get(key) for key in "abc"] == ["loaded", "below", "loaded"]
    assert world.warmer.counts.keys_not_found == 0


async def test_what_was_fetched_is_warmed_even_if_it_ends_soon(clock: ManualClock) -> None:
    """No load made it last, but it is in L1 now."""
    world = World(clock)
    world.below = {"a": 40}
    world.heat("a")
    assert await world.warmer.cycle() == 1
    assert world.loaded_keys() == ["a"]
    assert (world.warmer.counts.keys_warmed, world.warmer.counts.keys_not_found) == (1, 0)


async def test_a_copy_that_ends_of_itself_needs_no_load(clock: ManualClock) -> None:
    """L1's own TTL may be shorter than a cycle; a load would not make it longer."""
    world = World(clock)
    world.origin = {"a"}
    world.heat("a")

    async def fetch(keys: Collection[str]) -> dict[str, bool]:
        for key in keys:
            world.l1.set(key, "below", 30, fresh_s=1_000)
        return dict.fromkeys(keys, True)

    world.warmer._fetch = fetch
    world.l1.set("a", "old", 5, fresh_s=1_000)
    assert await world.warmer.cycle() == 1
    assert world.loaded == []


async def test_what_does_not_fit_into_l1_is_not_loaded(clock: ManualClock) -> None:
    """A tier has it, and L1 can't hold it, so a load would change nothing."""
    world = World(clock)
    world.origin = {"a"}
    world.heat("a")

    async def fetch(keys: Collection[str]) -> dict[str, bool]:
        return dict.fromkeys(keys, True)

    world.warmer._fetch = fetch
    await world.warmer.cycle()
    assert world.loaded == []


async def test_no_more_is_warmed_than_l1_can_hold(clock: ManualClock) -> None:
    """Keys beyond that would only push out others that are as hot."""
    world = World(clock, l1_max_size=3, max_warming_keys=10)
    for number in range(8):
        world.heat(f"k{number}", reads=100 - number)
    world.below = {f"k{number}": 300.0 for number in range(8)}
    await world.warmer.cycle()
    assert world.fetched == [["k0", "k1", "k2"]]


async def test_a_cycle_goes_on_where_the_last_ended(clock: ManualClock) -> None:
    """Its limit is for what it fetches; what L1 holds safely takes no place in it."""
    world = World(clock, max_warming_keys=3)
    world.below = {f"k{number}": 300.0 for number in range(6)}
    for number in range(6):
        world.heat(f"k{number}", reads=100 - number)
    assert await world.warmer.cycle() == 3
    assert await world.warmer.cycle() == 3
    assert world.fetched == [["k0", "k1", "k2"], ["k3", "k4", "k5"]]


async def test_hits_of_l1_make_candidates(clock: ManualClock) -> None:
    """The read path tells nobody; the hits are collected when they are asked for."""
    world = World(clock)
    world.l1.set("a", 1, 300)
    world.l1.set("b", 1, 300)
    for _ in range(3):
        world.l1.get("a")
    world.l1.get("b")
    candidates = world.warmer.candidates()
    assert [(one["key"], one["access_count"], one["in_l1"]) for one in candidates] == [
        ("a", 3, True)
    ]
    world.l1.clear()
    assert world.warmer.candidates()[0]["in_l1"] is False


async def test_candidates_say_what_they_save(clock: ManualClock) -> None:
    """Reads until the next cycle times the cost of a miss; no more of them than a cycle takes."""
    world = World(clock, max_warming_keys=1)
    for _ in range(3_000):
        clock.advance(0.5)
        world.patterns.touch("a")
    world.heat("b", reads=3)
    world.patterns.note_cost("a", 0.25, "origin")
    (candidate,) = world.warmer.candidates()
    assert candidate["key"] == "a"
    assert candidate["expected_saving_s"] == pytest.approx(2 * INTERVAL_S * 0.25, rel=0.05)


async def test_hits_gained_are_those_on_warmed_entries(clock: ManualClock) -> None:
    """Fetched, loaded, renewed or named by a caller; not what readers brought in themselves."""
    world = World(clock)
    world.below, world.origin = {"fetched": 300, "renewed": 300}, {"loaded"}
    world.l1.set("renewed", "old", 10)
    world.l1.set("own", 1, 300)
    world.l1.set("named", 1, 300)
    world.heat("fetched", "loaded", "renewed", "own")
    await world.warmer.cycle()
    assert world.warmer.note({"named": True, "missing": False}) == 1
    for key in ("fetched", "loaded", "renewed", "own", "named"):
        for _ in range(7):
            assert world.l1.get(key)
    assert world.warmer.hits_gained == 4 * 7
    assert (world.warmer.counts.keys_warmed, world.warmer.counts.keys_not_found) == (4, 1)


async def test_a_loader_that_fails_ends_nothing(clock: ManualClock) -> None:
    """The other keys are loaded, and the failed load is spent."""
    world = World(clock)
    world.origin = {"a", "c"}
    world.heat("a", "b", "c")
    reload = world.reload

    async def failing(key: str) -> bool:
        if key == "b":
            raise OSError
        return await reload(key)

    world.warmer._reload = failing
    assert await world.warmer.cycle() == 2
    assert world.warmer.counts.loads_spent == 3


async def test_slow_loads_run_side_by_side(clock: ManualClock) -> None:
    """The budget spaces their starts and does not wait for their ends."""
    world = World(clock)
    world.heat("a", "b", "c")
    running = 0
    together = asyncio.Event()

    async def slow(_key: str) -> bool:
        nonlocal running
        running += 1
        if running == 3:
            together.set()
        await together.wait()
        return True

    world.warmer._reload = slow
    async with asyncio.timeout(10):
        assert await world.warmer.cycle() == 3


@pytest.mark.parametrize("stage", ["fetch", "load", "turn"])
async def test_stopping_ends_a_cycle_in_its_middle(clock: ManualClock, stage: str) -> None:
    """In a fetch, in a load and while it waits for a turn; nothing of it goes on."""
    world = World(clock, warming_interval=0.01, warming_loads_per_s=1_000)
    world.heat("a", "b")
    reached: dict[str, asyncio.Event] = {}
    ended: set[str] = set()

    def stuck(name: str) -> Callable[[object], Awaitable[Any]]:
        reached[name] = asyncio.Event()

        async def never(_: object) -> None:
            reached[name].set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.add(name)

        return never

    if stage == "fetch":
        world.warmer._fetch = stuck("fetch")
    else:
        world.warmer._reload = stuck("load")
    if stage == "turn":
        world.warmer._sleep = stuck("turn")
    world.warmer.start()
    assert world.warmer.is_running
    async with asyncio.timeout(10):
        await asyncio.gather(*(event.wait() for event in reached.values()))
        await world.warmer.stop()
    assert ended == reached.keys()
    assert not world.warmer.is_running
    await world.warmer.stop()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_the_background_cycle_follows_its_interval(clock: ManualClock) -> None:
    """One cycle comes after another without a call, and none where warming is off."""
    world = World(clock, warming_interval=0.01)
    world.warmer.start()
    await wait_until_async(lambda: world.warmer.counts.cycles >= 3, what="three cycles")
    await world.warmer.stop()
    idle = World(clock, enable_warming=False)
    idle.warmer.start()
    assert not idle.warmer.is_running
