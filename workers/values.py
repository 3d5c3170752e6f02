"""The values of an attempt: a scenario's data set, and values of a trace's sizes for its keys."""

from collections.abc import Mapping
from typing import Any

from workers.data import CacheTestDataGenerator


class Values:
    """The value of each key at each revision, always the same for a seed.

    Args:
        seed: The job's seed.
        kind: The data generator's set for keys that no trace has.
    """

    def __init__(self, seed: int, kind: str) -> None:
        self._generator = CacheTestDataGenerator(seed)
        self._kind = kind
        self._sizes: dict[str, int] = {}

    def use_sizes(self, sizes: Mapping[str, int]) -> None:
        """Give these keys texts of so many bytes as values.

        Args:
            sizes: Bytes by key, from 0; a text is never shorter than what tells it from others.
        """
        self._sizes.update(sizes)

    def value(self, key: str, revision: int) -> Any:
        """The value of `key` at `revision`, unlike that of any other key or revision."""
        size = self._sizes.get(key)
        if size is None:
            return self._generator.value(self._kind, key, revision)
        return f"{key}#{revision}#".ljust(size, ".")
