"""Hashes of keys that are the same on every machine and in every process."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_HASH_BYTES = 8
_SPACE = 1 << 24


def key_hashes(keys: Sequence[str], purpose: str) -> NDArray[np.uint64]:
    """A number for each key, evenly from 0 to 2**64 - 1.

    Args:
        keys: Any texts.
        purpose: At most 16 bytes; hashes for different purposes know nothing of each other.
    """
    person = purpose.encode()
    digests = (blake2b(key.encode(), digest_size=_HASH_BYTES, person=person) for key in keys)
    content = b"".join(digest.digest() for digest in digests)
    return np.frombuffer(content, dtype="<u8").astype(np.uint64)


def sampled_keys(keys: Sequence[str], share: float, purpose: str) -> NDArray[np.bool_]:
    """Which keys a spatial sample holds: those whose hash mod P lies below T (SHARDS).

    Waldspurger et al., "Efficient MRC Construction with SHARDS", FAST 2015; P is 2**24.

    Args:
        keys: Any texts.
        share: The expected share of the keys, T / P, from 0 to 1.
        purpose: As for `key_hashes`.
    """
    return key_hashes(keys, purpose) % np.uint64(_SPACE) < share * _SPACE
