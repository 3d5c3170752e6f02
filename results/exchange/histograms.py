"""Whether bytes are a histogram as this room stores them, and nothing else."""

from results.histogram import HEADER, Histogram, bucket_of

_INDEX_BYTES = 2


def check_histogram(encoded: bytes) -> None:
    """Refuse bytes that no attempt can have stored.

    Raises:
        ValueError: They can't be decoded, or what they say is not consistent.
    """
    histogram = Histogram.decode(encoded)
    indices, counts = histogram.indices, histogram.counts
    edges = (histogram.min_ns, histogram.max_ns)
    if len(encoded) != HEADER.size + indices.size * (_INDEX_BYTES + (1 << encoded[1])):
        raise ValueError(f"a histogram goes on after its end: {len(encoded)} bytes")
    if not indices.size:
        if any((histogram.sum_ns, *edges)):
            raise ValueError("a histogram of nothing has a sum or an edge")
        return
    if (indices[1:] <= indices[:-1]).any() or counts.min() < 1:
        raise ValueError("a histogram's buckets are not in their order, or are empty")
    if not 0 <= histogram.min_ns <= histogram.max_ns <= histogram.sum_ns:
        raise ValueError("a histogram's edges are not in their order")
    if (bucket_of(edges[0]), bucket_of(edges[1])) != (indices[0], indices[-1]):
        raise ValueError("a histogram's edges lie outside its buckets")
