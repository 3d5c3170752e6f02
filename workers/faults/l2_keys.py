"""The keys that a subject keeps in L2, found from outside, and a share of them drawn by seed."""

import re
import zlib
from collections.abc import Sequence

from redis.asyncio import Redis

from cache.l2.names import Names

_RESERVED = re.compile(r"[%:~{}]")
_GLOB = re.compile(r"([*?\[\]\\^-])")
_SCAN = 1_000


class Keys:
    """A share of the keys of one namespace, whichever subject has written them.

    Args:
        namespace: The attempt's.
        share: Share of the keys, above 0 to 1; the same keys for each attempt of a seed.
        seed: Of the job.
    """

    def __init__(self, namespace: str, share: float, seed: int) -> None:
        # Our cache escapes what is special to it, the others take it as it is.
        self._prefixes = (Names(namespace).prefix.encode(), f"{namespace}:".encode())
        parts = (_GLOB.sub(r"\\\1", part) for part in _RESERVED.split(namespace))
        self._pattern = f"{'*'.join(parts)}*"
        self._below = share * 2**32
        self._seed = seed % 2**32

    async def names(self, client: Redis) -> Sequence[bytes]:
        """The names of those that are there now."""
        found = client.scan_iter(match=self._pattern, count=_SCAN)
        return sorted({name async for name in found if self._is_chosen(name)})

    def key(self, name: bytes) -> bytes:
        """What a subject calls a key, as far as names tell."""
        for prefix in self._prefixes:
            if name.startswith(prefix):
                return name[len(prefix) :]
        return b""

    def _is_chosen(self, name: bytes) -> bool:
        key = self.key(name)
        return bool(key) and zlib.crc32(key, self._seed) < self._below
