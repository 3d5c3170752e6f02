"""Names of the caches under test: entry points, read here without importing what they name.

A user's own subject is named by its import path, `package.module:factory`. Nothing is imported
here either; a worker imports it where it was allowed to.
"""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.machinery import PathFinder
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from pipeline.errors import UnknownNameError
from pipeline.nearest import suggest

GROUP = "tierbench.subjects"
DEFAULT = "multilevel"

LIBRARIES: Mapping[str, str] = MappingProxyType(
    {
        "aiocache-memory": "aiocache",
        "aiocache-redis": "aiocache",
        "cachetools": "cachetools",
        "cashews-client-side": "cashews",
        "cashews-memory": "cashews",
        "cashews-redis": "cashews",
        "dogpile-memory": "dogpile",
        "dogpile-redis": "dogpile",
        "redis-py": "hiredis",
        "theine": "theine",
    }
)
"""What a subject imports that does not come with Tierbench itself."""

_IMPORT_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


@cache
def names() -> tuple[str, ...]:
    """Names of the installed subjects, sorted."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def check(asked: Sequence[str]) -> tuple[str, ...]:
    """The subjects asked for, each once.

    Raises:
        UnknownNameError: One is neither installed nor an import path, or its library is missing.
    """
    for name in asked:
        if ":" in name:
            check_import_path(name)
        elif name not in names():
            raise UnknownNameError(f"no subject is called {name}{suggest(name, names())}")
        elif (missing := missing_library(name)) is not None:
            raise UnknownNameError(missing)
    return tuple(dict.fromkeys(asked)) or (DEFAULT,)


def check_import_path(name: str) -> str:
    """The name of a user's own subject, where it can be one.

    Raises:
        UnknownNameError: It is not of the form `package.module:factory`.
    """
    if _IMPORT_PATH.fullmatch(name) is None:
        raise UnknownNameError(f"subject {name}: expected package.module:factory")
    return name


def check_found(asked: Iterable[str], folder: Path) -> None:
    """Refuse a user's own subject whose package lies nowhere; nothing is imported.

    Args:
        asked: Names of subjects.
        folder: Where the workers will be started, which they look into too.

    Raises:
        UnknownNameError: A package is neither installed nor in the folder.
    """
    for name in own(asked):
        package = name.partition(":")[0].partition(".")[0]
        installed = any(finder.find_spec(package, None) for finder in sys.meta_path)
        if not installed and PathFinder.find_spec(package, [str(folder)]) is None:
            raise UnknownNameError(
                f"subject {name}: no module {package} is installed or lies in {folder}"
            )


def own(asked: Iterable[str]) -> tuple[str, ...]:
    """Those of some subjects that are named by their import paths."""
    return tuple(name for name in asked if ":" in name)


def missing_library(name: str) -> str | None:
    """What to install, on one line, where a subject's library is missing; None where it is not."""
    library = LIBRARIES.get(name)
    if library is None or find_spec(library) is not None:
        return None
    return f"subject {name} needs {library}: pip install 'tierbench[peers]'"
