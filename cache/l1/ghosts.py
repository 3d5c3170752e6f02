"""Which keys left L1 lately, in a few bytes each and without keeping a key alive."""

from typing import Final
from zlib import crc32

_CELLS_PER_KEY: Final = 2
_GENERATION: Final = 0.9
_TAGS: Final = 255
_GOLDEN: Final = 0x9E3779B97F4A7C15
_WORD: Final = 2**64 - 1


class Ghosts:
    """The ghost queue of S3-FIFO (Yang et al., SOSP 2023) as two generations of fingerprints.

    A key has one cell of a byte; a later key may take it over. When a generation is full it
    becomes the old one, and the one before it is forgotten. So a key is remembered for 0.9 to 1.8
    times as long as a queue would hold it, unless it lost its cell: on traces the hit ratios are
    those of a queue or better. One stranger in some 500 is taken for a ghost. Python's own hash
    of a string differs from process to process; with this one a trace's hits are always the same.

    Args:
        limit: How many keys a queue would hold.
    """

    def __init__(self, limit: int) -> None:
        self._generation = max(1, round(limit * _GENERATION))
        size = 1 << (self._generation * _CELLS_PER_KEY - 1).bit_length()
        self._mask = size - 1
        self._young = bytearray(size)
        self._old = bytearray(size)
        self._left = self._generation

    def add(self, key: str) -> None:
        """Remember a key that left."""
        cell, tag = self._place(key)
        self._young[cell] = tag
        self._left -= 1
        if not self._left:
            self._left = self._generation
            self._old = self._young
            self._young = bytearray(self._mask + 1)

    def take(self, key: str) -> bool:
        """Tell whether a key left lately, and forget it."""
        cell, tag = self._place(key)
        if self._young[cell] == tag:
            self._young[cell] = 0
        elif self._old[cell] == tag:
            self._old[cell] = 0
        else:
            return False
        return True

    def _place(self, key: str) -> tuple[int, int]:
        """Return a key's cell, and what is written there."""
        # Fibonacci hashing (Knuth, TAOCP 3, 6.4): a checksum of like keys alone is too regular.
        hashed = crc32(key.encode()) * _GOLDEN & _WORD
        return hashed >> 32 & self._mask, (hashed & 0xFFFFFFFF) % _TAGS + 1
