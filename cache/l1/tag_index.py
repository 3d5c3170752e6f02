"""Which keys of L1 are under which tags."""

from collections.abc import Collection


class TagIndex:
    """Tags by key and keys by tag.

    Attributes:
        by_key: The tags of each key that has any.
    """

    def __init__(self) -> None:
        self.by_key: dict[str, tuple[str, ...]] = {}
        self._keys: dict[str, set[str]] = {}

    def put(self, key: str, tags: tuple[str, ...]) -> None:
        """Have ``key`` under ``tags`` and no others."""
        self.remove(key)
        if tags:
            self.by_key[key] = tags
            for tag in tags:
                self._keys.setdefault(tag, set()).add(key)

    def remove(self, key: str) -> None:
        """Have ``key`` under no tag."""
        for tag in set(self.by_key.pop(key, ())):
            keys = self._keys[tag]
            keys.discard(key)
            if not keys:
                del self._keys[tag]

    def keys(self, tags: Collection[str]) -> set[str]:
        """Return the keys under any of ``tags``."""
        return set().union(*(self._keys.get(tag, ()) for tag in tags))

    def clear(self) -> None:
        """Forget everything."""
        self.by_key.clear()
        self._keys.clear()
