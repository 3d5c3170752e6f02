"""Tries inputs of one kind out: each ends in time, well or with an error of ours."""

import random
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

LONGEST_S = 5.0

Cases = Callable[[random.Random], Iterator[Any]]
TryOut = Callable[[Any, Path], bool]


def try_all(cases: Cases, try_out: TryOut, count: int, folder: Path, seed: int = 5) -> int:
    """Try so many cases; how many of them were taken for good ones.

    Args:
        cases: Makes them without end.
        try_out: Raises what is none of our errors.
        count: How many.
        folder: For files; the caller's own.
        seed: Of all chances.

    Raises:
        AssertionError: One raised, or took too long; the text shows it.
    """
    good = 0
    for number, case in enumerate(islice(cases(random.Random(seed)), count)):
        began_s = time.monotonic()
        try:
            good += try_out(case, folder)
        except BaseException as error:
            error.add_note(f"case {number} of seed {seed}: {case!r:.2000}")
            raise
        took_s = time.monotonic() - began_s
        assert took_s < LONGEST_S, f"case {number} took {took_s:.1f} s: {case!r:.2000}"
    return good


def is_untold(error: Exception, *, lines: int = 1000) -> bool:
    """False for an error that says what is wrong, in so many lines at most.

    Raises:
        AssertionError: It does not.
    """
    text = str(error)
    assert text.strip(), f"{error!r} says nothing"
    assert text.count("\n") < lines, f"too many lines: {text:.2000}"
    return False
