"""Waiting for a condition instead of sleeping: the timeout is a ceiling, never an expectation."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

DEFAULT_TIMEOUT_S = 15.0
DEFAULT_INTERVAL_S = 0.02


def wait_until(
    condition: Callable[[], T],
    timeout_s: float = DEFAULT_TIMEOUT_S,
    *,
    what: str = "",
    interval_s: float = DEFAULT_INTERVAL_S,
    diagnosis: Callable[[], object] | None = None,
) -> T:
    """Ask until the condition is truthy.

    Args:
        condition: Asked again and again; its truthy answer is returned.
        timeout_s: Seconds after which the test fails.
        what: What is waited for, as the failure text names it.
        interval_s: Seconds between two questions.
        diagnosis: Called on failure; its answer (a server's log, a state) joins the text.

    Raises:
        AssertionError: The condition was not met in time.
    """
    deadline = time.monotonic() + timeout_s
    while not (answer := condition()):
        _check_deadline(deadline, timeout_s, what or _name(condition), answer, diagnosis)
        time.sleep(interval_s)
    return answer


async def wait_until_async(
    condition: Callable[[], T | Awaitable[T]],
    timeout_s: float = DEFAULT_TIMEOUT_S,
    *,
    what: str = "",
    interval_s: float = DEFAULT_INTERVAL_S,
    diagnosis: Callable[[], object] | None = None,
) -> T:
    """Do as `wait_until` does, without blocking the loop; the condition may be awaitable."""
    deadline = time.monotonic() + timeout_s
    while not (answer := await _answer(condition)):
        _check_deadline(deadline, timeout_s, what or _name(condition), answer, diagnosis)
        await asyncio.sleep(interval_s)
    return answer


async def _answer(condition: Callable[[], T | Awaitable[T]]) -> T:
    answer = condition()
    return await answer if inspect.isawaitable(answer) else answer


def _name(condition: Callable[..., object]) -> str:
    return getattr(condition, "__qualname__", repr(condition))


def _check_deadline(
    deadline: float,
    timeout_s: float,
    what: str,
    answer: object,
    diagnosis: Callable[[], object] | None,
) -> None:
    if time.monotonic() < deadline:
        return
    details = f"\n{diagnosis()}" if diagnosis else ""
    raise AssertionError(f"waited {timeout_s:g} s for {what}; last answer: {answer!r}{details}")
