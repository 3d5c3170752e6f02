"""The installed libraries that have a part in what is measured, with their versions."""

import re
from collections.abc import Iterator
from importlib.metadata import distributions, requires

_OWN = "tierbench"
_EXTRAS = frozenset({"peers", "telemetry"})
# What the required ones run on, or use where it is there.
_BESIDE = ("anyio", "greenlet", "hiredis", "redis", "uvloop", _OWN)
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")


def library_versions() -> dict[str, str]:
    """Version by name of what Tierbench and the caches beside it need, where it is installed."""
    found = ((each.name, each.version) for each in distributions() if each.name)
    installed = {_normal(name): (name.lower(), version) for name, version in found}
    wanted = {_normal(name) for name in (*_required(), *_BESIDE)}
    return dict(sorted(installed[name] for name in wanted if name in installed))


def _required() -> Iterator[str]:
    for line in requires(_OWN) or ():
        name, extra = _NAME.match(line), _EXTRA.search(line)
        if name is not None and (extra is None or extra.group(1) in _EXTRAS):
            yield name.group()


def _normal(name: str) -> str:
    """One spelling of a distribution's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
