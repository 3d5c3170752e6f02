"""Whether bytes are a histogram as this room stores them, and nothing else."""

import numpy as np

from results.histogram import Histogram, bucket_of


def check_histogram(encoded: bytes) -> None:
    """Refuse bytes that no attempt can have stored.

    Raises:
        ValueError: They can't be decoded, or what they say is not consistent.
    """
    histogram = Histogram.decode(encoded)
    indices, counts = histogram.indices, histogram.counts
    if histogram.encode() != encoded:
        raise ValueError("a histogram is not encoded as this Tierbench does")
    if not indices.size:
        if (histogram.sum_ns, histogram.min_ns, histogram.max_ns) != (0, 0, 0):
            raise ValueError("a histogram of nothing has a sum or an edge")
        return
    if (np.diff(indices) <= 0).any() or (counts < 1).any():
        raise ValueError("a histogram's buckets are not in their order, or are empty")
    if not 0 <= histogram.min_ns <= histogram.max_ns or histogram.sum_ns < histogram.max_ns:
        raise ValueError("a histogram's edges are not in their order")
    edges = bucket_of(np.array([histogram.min_ns, histogram.max_ns], dtype=np.int64))
    if edges[0] != indices[0] or edges[1] != indices[-1]:
        raise ValueError("a histogram's edges lie outside its buckets")
