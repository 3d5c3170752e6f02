"""Bytes of histograms are held against what an attempt can have stored."""

import numpy as np
import pytest

from results.exchange.histograms import check_histogram
from results.histogram import Histogram, bucket_of
from tests.results.build import a_histogram

GOOD = a_histogram(1.0, 2.0, 2.0, 900.0)


def of(**changes: object) -> bytes:
    """A histogram in which something is another."""
    names = ("indices", "counts", "sum_ns", "min_ns", "max_ns")
    return Histogram(**{name: changes.get(name, getattr(GOOD, name)) for name in names}).encode()


def test_what_attempts_store_is_taken() -> None:
    """Also a histogram of nothing, of zeros, of many and of the largest times."""
    for each in (GOOD, Histogram.empty(), a_histogram(0.0), a_histogram(*[1.0] * 300)):
        check_histogram(each.encode())
    check_histogram(Histogram.of(np.array([0, 1, 2**61 - 1, 2**61])).encode())


def test_one_value_has_the_bucket_that_many_have() -> None:
    """The quick way for one is the way for all."""
    for value in (0, 1, 1023, 1024, 2047, 2048, 10**6, 2**62 - 1):
        assert bucket_of(value) == Histogram.of(np.array([value])).indices[0]


@pytest.mark.parametrize(
    ("encoded", "said"),
    [
        (GOOD.encode() + b"\x00", "goes on after its end"),
        (GOOD.encode()[:-1], "not a stored histogram"),
        (b"\x02" + GOOD.encode()[1:], "unknown format 2"),
        (GOOD.encode()[:1] + b"\x09" + GOOD.encode()[2:], "not a stored histogram"),
        (of(indices=GOOD.indices[::-1]), "not in their order, or are empty"),
        (of(counts=GOOD.counts * 0), "not in their order, or are empty"),
        (of(min_ns=GOOD.max_ns + 1), "edges are not in their order"),
        (of(min_ns=-1), "edges are not in their order"),
        (of(sum_ns=1), "edges are not in their order"),
        (of(max_ns=GOOD.sum_ns), "edges lie outside"),
        (of(indices=GOOD.indices[:0], counts=GOOD.counts[:0]), "of nothing"),
    ],
)
def test_anything_else_is_refused(encoded: bytes, said: str) -> None:
    """With what is wrong."""
    with pytest.raises(ValueError, match=said):
        check_histogram(encoded)
