"""The decorator: a function whose results are kept in a cache.

await load_user(7) -> key "user:7" -> cache.get(key, the function itself)
"""

import functools
import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

from cache.call_key import KeyOf, Parameters, TagsOf, key_maker, tags_maker
from cache.errors import ConfigError
from cache.loader import Loader
from cache.ttl import TTLs

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
S = TypeVar("S")


class Store(Protocol):
    """What the decorator asks of a cache."""

    async def get(
        self,
        key: str,
        fallback_func: Loader | None = None,
        *,
        l1_ttl: float | None = None,
        l2_ttl: float | None = None,
        l3_ttl: float | None = None,
        tags: tuple[str, ...] = (),
    ) -> Any:
        """Return a key's value, loaded by ``fallback_func`` where no tier has it."""

    async def delete(self, key: str) -> None:
        """Remove a key."""


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How results of one function are kept."""

    store: Store
    function: Callable[..., Any]
    key_of: KeyOf
    tags_of: TagsOf
    ttl: float | None


class Cached(Generic[P, R]):
    """A function whose results are kept; always awaited, also where the function is not async."""

    def __init__(self, recipe: _Recipe) -> None:
        self._recipe = recipe
        self._bound: tuple[Any, ...] = ()
        functools.update_wrapper(self, recipe.function)

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return the result, from the cache where it is there."""
        recipe, given = self._recipe, (*self._bound, *args)

        def load() -> Any:
            return recipe.function(*given, **kwargs)

        ttl = recipe.ttl
        result: R = await recipe.store.get(
            recipe.key_of(given, kwargs),
            load,
            l1_ttl=ttl,
            l2_ttl=ttl,
            l3_ttl=ttl,
            tags=recipe.tags_of(given, kwargs),
        )
        return result

    def key_for(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """Return the key under which the result of this call is kept.

        Raises:
            InvalidKeyError: An argument can't be part of a key.
        """
        return self._recipe.key_of((*self._bound, *args), kwargs)

    async def invalidate(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Remove the result of this call from every tier."""
        await self._recipe.store.delete(self.key_for(*args, **kwargs))

    @overload
    def __get__(self, instance: None, owner: type, /) -> "Cached[P, R]": ...

    @overload
    def __get__(
        self: "Cached[Concatenate[S, Q], R]", instance: S, owner: type | None = None, /
    ) -> "Cached[Q, R]": ...

    def __get__(self, instance: Any, owner: type | None = None, /) -> Any:
        """Bind a method to its object, as functions do."""
        if instance is None:
            return self
        # A method is looked up at each call, so nothing of it is worked out anew.
        bound = Cached.__new__(Cached)
        wrapped = MethodType(self._recipe.function, instance)
        bound.__dict__.update(self.__dict__, _bound=(instance,), __wrapped__=wrapped)
        return bound


class Decorator(Protocol):
    """What ``cached`` returns: it takes async and other functions."""

    @overload
    def __call__(self, function: Callable[P, Awaitable[R]], /) -> Cached[P, R]: ...

    @overload
    def __call__(self, function: Callable[P, R], /) -> Cached[P, R]: ...


def cached(
    store: Store,
    *,
    key: str | Callable[..., str] | None = None,
    ttl: float | None = None,
    tags: Iterable[str] | Callable[..., Iterable[str]] = (),
) -> Decorator:
    """Return a decorator that keeps a function's results, those that are None too.

    The function is called as a loader: once for a key at a time, and its exceptions reach the
    callers unchanged. One that is not async runs in the event loop, so it must not block.

    Args:
        store: The cache.
        key: ``"user:{user_id}"`` is filled from the call's arguments, attributes too
            (``"user:{user.id}"``); a function is called with them. None is the function's module
            and name with its arguments, which must be texts, numbers, bools or None then; two
            functions of one name share their results, so give nested functions a key.
        ttl: Seconds in every tier; None is each tier's default.
        tags: Templates as for ``key``, or a function that returns the tags.

    Raises:
        ConfigError: A template asks for what is no argument, or the function can't be cached.
        InvalidTTLError: The TTL is not positive.
    """
    TTLs(None, None, None).replaced(ttl, ttl, ttl)

    def decorate(function: Callable[..., Any]) -> Any:
        _check_function(function)
        parameters = Parameters(function)
        recipe = _Recipe(
            store, function, key_maker(key, parameters), tags_maker(tags, parameters), ttl
        )
        return Cached(recipe)

    return decorate


def _check_function(function: object) -> None:
    if isinstance(function, classmethod | staticmethod):
        raise ConfigError("put @classmethod and @staticmethod above the cache's decorator")
    if not inspect.isfunction(function) and not inspect.ismethod(function):
        raise ConfigError(f"{function!r:.80} is not a function, so its results can't be kept")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ConfigError(
            f"{function.__qualname__} yields its results one by one: cache a function that"
            " returns a list"
        )
