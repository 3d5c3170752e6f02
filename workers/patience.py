"""Waits for a database that is briefly away, so that nothing measured is lost."""

import time
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

from results.errors import StoreUnavailableError
from workers import log

WITHIN_S = 120.0
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 5.0

P = ParamSpec("P")
T = TypeVar("T")


def patiently(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function of the store again and again while the database does not answer.

    The pauses double from 0.25 s to 5 s; after 120 s it is called a last time.

    Raises:
        StoreUnavailableError: The last call failed too.
    """
    for pause_s in _pauses():
        try:
            return function(*args, **kwargs)
        except StoreUnavailableError as error:
            log.event(f"{error}; trying again in {pause_s:g} s")
            time.sleep(pause_s)
    return function(*args, **kwargs)


def _pauses() -> Iterator[float]:
    end_s = time.monotonic() + WITHIN_S
    pause_s = FIRST_PAUSE_S
    while time.monotonic() < end_s:
        yield pause_s
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
