"""Remembers the keys that a tier missed while it could not be reached, within bounds."""

from collections.abc import Mapping
from typing import Final

LIMIT: Final = 10_000


class MissedKeys:
    """Keys whose copy in a tier may be out of date; past the limit, every key is.

    Args:
        limit: Keys remembered one by one.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.everything = False
        self._limit = limit
        self._versions: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._versions)

    def __bool__(self) -> bool:
        return self.everything or bool(self._versions)

    def add(self, versions: Mapping[str, int]) -> None:
        """Remember keys, with the version of what was missed; 0 where that is not known."""
        if self.everything:
            return
        for key, version in versions.items():
            self._versions[key] = max(version, self._versions.get(key, 0))
        if len(self._versions) > self._limit:
            self.add_everything()

    def add_everything(self) -> None:
        """Give up on single keys: the whole namespace must go."""
        self.everything = True
        self._versions.clear()

    def take(self) -> tuple[bool, dict[str, int]]:
        """Return (everything, versions by key) and forget them."""
        everything, versions = self.everything, self._versions
        self.everything = False
        self._versions = {}
        return everything, versions
