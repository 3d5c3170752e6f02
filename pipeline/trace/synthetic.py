"""A seeded trace for where no recorded one is at hand."""

import numpy as np

from pipeline.trace.requests import Trace

DEFAULT_REQUESTS = 10_000

_EXPONENT = 0.99


def synthetic_trace(seed: int, requests: int, distinct_keys: int) -> Trace:
    """Reads whose keys are drawn from Zipf's distribution (exponent 0.99), the same for a seed.

    Args:
        seed: From 0.
        requests: How many, from 1.
        distinct_keys: Keys that may be drawn, from 1.
    """
    random = np.random.default_rng(seed)
    weights = np.arange(1, distinct_keys + 1, dtype=np.float64) ** -_EXPONENT
    bounds = np.cumsum(weights)
    ranks = np.searchsorted(bounds, random.random(requests) * bounds[-1], side="right")
    ids = random.permutation(distinct_keys)[np.minimum(ranks, distinct_keys - 1)]
    return Trace.of_reads(ids.astype(np.int64))
