"""The values of an attempt: what lies under each key at each revision, how large, for how long."""

from bisect import bisect
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from pipeline.data import Data, Sizes, TtlShare
from workers.data import CacheTestDataGenerator, Draws
from workers.sizes import size_of
from workers.texts import Texts, revision_in

# Some number that the checker's columns of 8 bytes have room for.
_TOO_LARGE = 10**18


class Values:
    """Values, sizes and TTLs by key, always the same for a seed.

    Args:
        seed: The job's seed.
        data: The scenario's keys and values.
    """

    def __init__(self, seed: int, data: Data) -> None:
        self._seed = seed
        self._kind = data.kind
        self._sizes = data.sizes
        self._generator = CacheTestDataGenerator(seed)
        self._texts = Texts(seed, compressible=_compressible(data.sizes))
        if data.sizes is not None:
            self._texts.prepare()
        self._shares = _Shares(data.ttls)
        self._recorded_sizes: dict[str, int] = {}
        self._recorded_ttls: dict[str, float | None] = {}

    @property
    def has_ttls(self) -> bool:
        """Whether any key may have a TTL of its own."""
        return self._shares.any or bool(self._recorded_ttls)

    def use_sizes(self, sizes: Mapping[str, int]) -> None:
        """Give these keys texts of so many bytes as values.

        Args:
            sizes: Bytes by key, from 0, which stands for no known size: the shortest text that
                tells the value from all others.
        """
        self._recorded_sizes.update(sizes)
        self._texts.prepare()

    def use_ttls(self, ttls: Mapping[str, float | None]) -> None:
        """Give these keys TTLs of their own.

        Args:
            ttls: Seconds by key, above 0; None is the subject's own default.
        """
        self._recorded_ttls.update(ttls)

    def value(self, key: str, revision: int) -> Any:
        """The value of `key` at `revision`, unlike that of any other key or revision.

        Texts of a few bytes differ with the likelihood that so few bytes leave.
        """
        size_bytes = self._recorded_sizes.get(key)
        if size_bytes is None and self._sizes is not None:
            return self._texts.text(key, revision, size_of(self._sizes, self._seed, key))
        if size_bytes is None:
            return self._generator.value(self._kind, key, revision)
        return self._texts.text(key, revision, size_bytes or None)

    def ttl_s(self, key: str) -> float | None:
        """Seconds that `key` is to live; None is the subject's own default."""
        if key in self._recorded_ttls:
            return self._recorded_ttls[key]
        return self._shares.of(self._seed, key) if self._shares.any else None

    def revision_of(self, key: str, value: Any) -> int | None:
        """Which revision of `key` a value is, by what it says itself.

        Returns:
            None where it does not say: a text of a few bytes, or what was never written.
        """
        if isinstance(value, str):
            return revision_in(value, key)
        if isinstance(value, dict) and value.get("id") == key:
            revision = value.get("revision")
            return revision if isinstance(revision, int) and 0 <= revision < _TOO_LARGE else None
        return None


class _Shares:
    """A mix of TTLs, of which each key draws one by weight."""

    def __init__(self, ttls: tuple[TtlShare, ...]) -> None:
        self._ttls_s = [share.ttl_s for share in ttls]
        self._bounds = list(accumulate(share.weight for share in ttls))
        self.any = any(ttl_s is not None for ttl_s in self._ttls_s)

    def of(self, seed: int, key: str) -> float | None:
        """The TTL of `key` in seconds."""
        drawn = Draws(seed, "ttl", key, 0).fraction() * self._bounds[-1]
        return self._ttls_s[bisect(self._bounds, drawn)]


def _compressible(sizes: Sizes | None) -> bool:
    return sizes is None or sizes.compressible
