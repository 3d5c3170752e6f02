"""Names of the caches under test: entry points, read here without importing what they name."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import entry_points

from pipeline.errors import UnknownNameError
from pipeline.nearest import suggest

GROUP = "tierbench.subjects"
DEFAULT = "multilevel"


@cache
def names() -> tuple[str, ...]:
    """Names of the installed subjects, sorted."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def check(asked: Sequence[str]) -> tuple[str, ...]:
    """The subjects asked for, each once.

    Raises:
        UnknownNameError: One is not installed.
    """
    for name in asked:
        if name not in names():
            raise UnknownNameError(f"no subject is called {name}{suggest(name, names())}")
    return tuple(dict.fromkeys(asked)) or (DEFAULT,)
