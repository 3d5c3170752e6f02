"""Reuse distances and hit ratios of LRU, against a stack that is searched key by key."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.trace import Trace, read_trace, synthetic_trace
from pipeline.trace.reuse import Reuse, larger_before, reuse_of

REAL = Path(__file__).resolve().parents[3] / "shared" / "traces"
REQUESTS = st.lists(
    st.tuples(st.sampled_from(["get", "get", "set", "delete"]), st.sampled_from("abcdefg")),
    min_size=1,
    max_size=60,
)


def _trace(requests: list[tuple[str, str]]) -> Trace:
    lines = "".join(f"0,{key},1,1,1,{operation},0\n" for operation, key in requests)
    return read_trace(lines.encode(), "a.csv")


def _naive_hits(requests: list[tuple[str, str]], size: int) -> float | None:
    """Hits of a list of keys, latest first; a deleted one keeps its place until asked for again."""
    held: list[str] = []
    deleted: set[str] = set()
    hits = reads = 0
    for operation, key in requests:
        if operation == "delete":
            deleted.add(key)
            continue
        reads += operation == "get"
        hits += operation == "get" and key in held and key not in deleted
        deleted.discard(key)
        held = [key, *(other for other in held if other != key)][:size]
    return hits / reads if reads else None


def _naive_distances(requests: list[tuple[str, str]]) -> list[int]:
    found = []
    asked = [key for _, key in requests]
    for place, key in enumerate(asked):
        if key in asked[:place]:
            last = place - 1 - asked[:place][::-1].index(key)
            found.append(len(set(asked[last + 1 : place])))
    return sorted(found)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(REQUESTS, st.integers(1, 8))
def test_hit_ratios_are_those_of_a_stack(requests: list[tuple[str, str]], size: int) -> None:
    """For every size, with writes and deletes in between."""
    reuse = reuse_of(_trace(requests))
    naive = _naive_hits(requests, size)
    assert (None if reuse is None else reuse.lru_hit_ratio(size)) == pytest.approx(naive)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=60))
def test_distances_count_the_distinct_keys_in_between(keys: list[str]) -> None:
    """Each other key once, however often it is asked for."""
    requests = [("get", key) for key in keys]
    reuse = reuse_of(_trace(requests))
    assert reuse is not None
    assert reuse.distances.tolist() == _naive_distances(requests)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.permutations(range(23)), st.integers(0, 23))
def test_larger_values_before_are_counted(values: list[int], size: int) -> None:
    """For permutations of every length."""
    some = [value for value in values if value < size]
    counted = larger_before(np.array(some, dtype=np.int32)).tolist()
    assert counted == [sum(o > v for o in some[:place]) for place, v in enumerate(some)]


def test_quantiles_are_distances_that_occur() -> None:
    """The smallest that the share does not exceed; none where nothing is read again."""
    reuse = Reuse(distances=np.array([1.0, 2.0, 5.0, 9.0]), reads=8.0, lacking=0.0, share=1.0)
    assert [reuse.quantile(share) for share in (0.25, 0.5, 0.51, 0.9, 1.0)] == [1, 2, 5, 9, 9]
    once = reuse_of(_trace([("get", "a"), ("get", "b")]))
    assert once is not None
    assert once.quantile(0.5) is None
    assert once.lru_hit_ratio(2) == 0.0


def test_a_trace_without_reads_has_no_reuse() -> None:
    """There is nothing that could hit."""
    assert reuse_of(_trace([("set", "a"), ("set", "a"), ("delete", "a")])) is None


def test_a_sample_says_what_the_whole_would() -> None:
    """A fifth of the keys of a skewed trace gives its curve within 0.03."""
    trace = synthetic_trace(7, 60_000, 10_000)
    exact, sampled = reuse_of(trace), reuse_of(trace, max_exact=12_000)
    assert exact is not None
    assert sampled is not None
    assert (exact.share, sampled.share) == (1.0, 0.2)
    for size in (300, 1_000, 3_000, 10_000):
        assert sampled.lru_hit_ratio(size) == pytest.approx(exact.lru_hit_ratio(size), abs=0.03)


def test_the_known_hit_ratios_of_a_real_trace() -> None:
    """LRU hits 39.2 % of web07 with 1 % of its keys, 55.7 % with 10 %."""
    path = REAL / "web07.trace.xz"
    if not path.exists():
        pytest.skip(f"the real traces are not there: {path} is missing")
    reuse = reuse_of(read_trace(path.read_bytes(), path.name))
    assert reuse is not None
    assert [round(100 * reuse.lru_hit_ratio(size), 1) for size in (205, 2_048)] == [39.2, 55.7]
