"""Calls a caller's loader: sync or async, with the key where it asks for one argument."""

import inspect
from collections.abc import Awaitable, Callable
from types import FunctionType, MethodType
from typing import Any

Loader = Callable[..., Any | Awaitable[Any]]


async def load(loader: Loader, key: str) -> Any:
    """Return what the loader returns; its exception passes unchanged."""
    value = loader(key) if wants_key(loader) else loader()
    return await value if inspect.isawaitable(value) else value


def wants_key(loader: Loader) -> bool:
    """Tell whether the loader has a positional parameter without a default.

    An optional one is left alone: ``lambda i=i: ...`` captures a loop variable.
    """
    if isinstance(loader, FunctionType):
        return _required_positionals(loader) > 0
    if isinstance(loader, MethodType) and isinstance(loader.__func__, FunctionType):
        return _required_positionals(loader.__func__) > 1
    return _signature_wants_key(loader)


def _required_positionals(function: FunctionType) -> int:
    wrapped = getattr(function, "__wrapped__", None)
    if wrapped is not None:
        return len(_required(inspect.signature(function)))
    return function.__code__.co_argcount - len(function.__defaults__ or ())


def _signature_wants_key(loader: Loader) -> bool:
    try:
        return bool(_required(inspect.signature(loader)))
    except ValueError:
        return False


def _required(signature: inspect.Signature) -> list[inspect.Parameter]:
    return [
        parameter
        for parameter in signature.parameters.values()
        if parameter.kind in {parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD}
        and parameter.default is parameter.empty
    ]
