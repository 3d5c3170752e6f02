"""The decorator, over a cache that is memory alone."""

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cache import CacheConfig, ConfigError, InvalidKeyError, InvalidTTLError, MultiLevelCache
from cache.cached import Cached, cached


@pytest.fixture
async def cache() -> AsyncIterator[MultiLevelCache]:
    """A cache without a tier below memory."""
    async with MultiLevelCache(CacheConfig()) as opened:
        yield opened


class Recorder:
    """Stands in for a cache and keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    async def get(self, key: str, fallback_func: Any = None, **options: Any) -> Any:
        """Load, and keep nothing but the question."""
        self.asked = {"key": key, **options}
        return await fallback_func()

    async def delete(self, key: str) -> None:
        """Delete nothing."""


async def test_a_result_is_loaded_once_for_each_key(cache: MultiLevelCache) -> None:
    """The second call of a key is answered by the cache, another key is not."""
    calls: list[int] = []

    @cache.cached(key="user:{user_id}")
    async def load_user(user_id: int) -> dict[str, int]:
        calls.append(user_id)
        return {"id": user_id}

    assert await load_user(1) == {"id": 1}
    assert await load_user(user_id=1) == {"id": 1}
    assert await load_user(2) == {"id": 2}
    assert calls == [1, 2]
    assert await cache.get("user:1") == {"id": 1}


async def test_none_and_other_empty_results_are_results(cache: MultiLevelCache) -> None:
    """The function is not called again because it found nothing."""
    calls: list[str] = []
    results = {"none": None, "zero": 0, "empty": "", "list": [], "no": False}

    @cache.cached(key="{name}")
    async def find(name: str) -> Any:
        calls.append(name)
        return results[name]

    for _ in range(3):
        for name, result in results.items():
            assert await find(name) == result
    assert calls == list(results)


async def test_callers_at_the_same_time_share_one_call(cache: MultiLevelCache) -> None:
    """A herd of callers is one load."""
    calls: list[int] = []

    @cache.cached(key="slow:{number}")
    async def slow(number: int) -> int:
        calls.append(number)
        await asyncio.sleep(0)
        return number

    assert await asyncio.gather(*(slow(7) for _ in range(50))) == [7] * 50
    assert calls == [7]


async def test_a_function_that_is_not_async_is_awaited_too(cache: MultiLevelCache) -> None:
    """Its result is kept like any other."""
    calls: list[int] = []

    @cache.cached(key="square:{number}")
    def square(number: int) -> int:
        calls.append(number)
        return number * number

    assert [await square(3), await square(3)] == [9, 9]
    assert calls == [3]


async def test_an_exception_reaches_the_caller_and_is_not_kept(cache: MultiLevelCache) -> None:
    """The very object that the function raised, and the next call tries again."""
    errors = [LookupError("first"), LookupError("second")]
    raised = iter(errors)

    @cache.cached(key="failing")
    async def fail() -> None:
        raise next(raised)

    for error in errors:
        with pytest.raises(LookupError) as caught:
            await fail()
        assert caught.value is error


async def test_invalidating_a_call_has_it_loaded_anew(cache: MultiLevelCache) -> None:
    """Only the call with those arguments."""
    calls: list[int] = []

    @cache.cached(key="user:{user_id}")
    async def load_user(user_id: int) -> int:
        calls.append(user_id)
        return len(calls)

    assert [await load_user(1), await load_user(2)] == [1, 2]
    await load_user.invalidate(user_id=1)
    assert [await load_user(1), await load_user(2)] == [3, 2]


class Shop:
    """Has cached methods, one of them for the whole class."""

    calls = 0
    cached_price: Any = None

    def __init__(self, name: str) -> None:
        self.name = name

    async def price(self, article: int, currency: str = "EUR") -> str:
        """Tell what an article costs here."""
        Shop.calls += 1
        return f"{self.name}/{article}/{currency}/{Shop.calls}"


async def test_methods_are_cached_for_each_object(cache: MultiLevelCache) -> None:
    """Binding, keys and invalidation all know the object, without being given it."""

    class CachedShop(Shop):
        price = cache.cached(key="{self.name}:{article}:{currency}")(Shop.price)

    near, far = CachedShop("near"), CachedShop("far")
    first = await near.price(1)
    assert await near.price(1, "EUR") == await near.price(article=1) == first
    assert (await far.price(1)).startswith("far/1")
    assert near.price.key_for(1, currency="USD") == "near:1:USD"
    await near.price.invalidate(1)
    assert await near.price(1) != first
    assert isinstance(CachedShop.price, Cached)
    assert CachedShop.price.key_for(far, 2) == "far:2:EUR"
    assert near.price.__name__ == "price"
    assert list(inspect.signature(near.price).parameters) == ["article", "currency"]


async def test_class_and_static_methods_are_cached(cache: MultiLevelCache) -> None:
    """Their decorators stand above; the other way round is refused with a word on that."""

    class Numbers:
        @classmethod
        @cache.cached(key="{cls.__name__}:{number}")
        async def of_class(cls, number: int) -> int:
            return number

        @staticmethod
        @cache.cached(key="static:{number}")
        async def of_nothing(number: int) -> int:
            return number

    assert [await Numbers.of_class(1), await Numbers().of_nothing(2)] == [1, 2]
    assert await cache.get_many(["Numbers:1", "static:2"]) == {"Numbers:1": 1, "static:2": 2}
    with pytest.raises(ConfigError, match="above the cache's decorator"):
        cache.cached(key="a")(classmethod(Numbers.of_nothing))


async def test_the_function_stays_recognisable(cache: MultiLevelCache) -> None:
    """Name, docstring and signature are the function's own."""

    async def documented(number: int) -> int:
        """Return a number."""
        return number

    wrapped = cache.cached(key="{number}")(documented)
    assert (wrapped.__name__, wrapped.__doc__) == ("documented", "Return a number.")
    assert inspect.signature(wrapped) == inspect.signature(documented)
    assert wrapped.__wrapped__ is documented


async def test_ttl_and_tags_reach_the_cache() -> None:
    """The TTL holds for every tier, and tags are filled like keys."""
    store = Recorder()

    @cached(store, key="user:{user_id}", ttl=5, tags=("users", "user:{user_id}"))
    async def load_user(user_id: int) -> int:
        return user_id

    await load_user(7)
    ttls = dict.fromkeys(("l1_ttl", "l2_ttl", "l3_ttl"), 5)
    assert store.asked == {"key": "user:7", **ttls, "tags": ("users", "user:7")}


async def test_an_invalidated_tag_has_its_calls_loaded_anew(cache: MultiLevelCache) -> None:
    """Those with another tag are not."""
    calls: list[int] = []

    @cache.cached(key="user:{user_id}", tags=("team:{team}",))
    async def load_user(user_id: int, team: str) -> int:
        calls.append(user_id)
        return user_id

    async def load_both() -> None:
        await load_user(1, "red")
        await load_user(2, "blue")

    await load_both()
    await cache.invalidate_tag("team:red")
    await load_both()
    assert calls == [1, 2, 1]


async def test_mistakes_are_found_when_the_function_is_decorated(cache: MultiLevelCache) -> None:
    """A TTL that is not positive, and what is no function that returns a result."""

    async def one_by_one(number: int) -> AsyncIterator[int]:
        yield number

    with pytest.raises(InvalidTTLError):
        cache.cached(key="a", ttl=0)
    with pytest.raises(ConfigError, match="one by one"):
        cache.cached(key="a")(one_by_one)
    with pytest.raises(ConfigError, match="not a function"):
        cache.cached(key="a")(functools.partial(print))


async def test_a_refused_argument_calls_nothing(cache: MultiLevelCache) -> None:
    """The mistake is told to the caller, and the function has not run."""
    calls: list[object] = []

    @cache.cached()
    async def load(thing: object) -> None:
        calls.append(thing)

    with pytest.raises(InvalidKeyError, match="give key="):
        await load(object())
    with pytest.raises(TypeError, match="thing"):
        await load()
    assert calls == []
