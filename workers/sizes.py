"""Draws how large each key's value is: a pure function of seed and key."""

import math
from statistics import NormalDist

from pipeline.data import Sizes
from workers.data import Draws

_NORMAL = NormalDist()


def size_of(sizes: Sizes, seed: int, key: str) -> int:
    """The bytes of a key's value, by inversion of the distribution function (Devroye 1986, II.2).

    The normal quantile is Wichura's AS 241 (1988), as Python's `statistics` has it.

    Args:
        sizes: The distribution.
        seed: The job's seed.
        key: The key; its revisions are all of one size.
    """
    if sizes.distribution == "fixed":
        return sizes.bytes
    drawn = Draws(seed, "size", key, 0).fraction()
    if sizes.distribution == "uniform":
        return sizes.min_bytes + int(drawn * (sizes.max_bytes - sizes.min_bytes + 1))
    size_bytes = round(sizes.bytes * math.exp(sizes.sigma * _NORMAL.inv_cdf(drawn)))
    return min(max(size_bytes, sizes.min_bytes), sizes.max_bytes)
