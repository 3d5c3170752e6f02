"""Remembers the keys that a tier missed while it could not be reached, within bounds."""

from collections.abc import Iterable
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
        self._keys: set[str] = set()

    def __len__(self) -> int:
        return len(self._keys)

    def __bool__(self) -> bool:
        return self.everything or bool(self._keys)

    def add(self, keys: Iterable[str]) -> None:
        """Remember keys."""
        if not self.everything:
            self._keys.update(keys)
            if len(self._keys) > self._limit:
                self.add_everything()

    def add_everything(self) -> None:
        """Give up on single keys: the whole namespace must go."""
        self.everything = True
        self._keys.clear()

    def take(self) -> tuple[bool, list[str]]:
        """Return (everything, keys) and forget them."""
        everything, keys = self.everything, list(self._keys)
        self.everything = False
        self._keys.clear()
        return everything, keys
