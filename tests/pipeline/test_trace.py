"""Traces: what was recorded is read as it was recorded, and damage is told."""

import gzip
import lzma
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import TraceFormatError
from pipeline.trace import Trace, TraceRequest, packing, read_trace, synthetic_trace

REAL = Path(__file__).resolve().parents[3] / "shared" / "traces"
NAMES = ["a.trace", "a.csv", "a.csv.xz", "a.trace.gz", "a.csv.zst"]
WEB07_REQUESTS, WEB07_KEYS = 76_118, 20_484
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}
TWITTER = b"""0,k1,2,100,7,get,0
0,k2,2,50,7,set,3600
1,k1,2,120,8,cas,60
2,k3,2,8,8,incr,0
2,k1,2,0,8,delete,0
3,k2,2,50,9,gets,0
"""
HEADER = b"timestamp,key,key_size,value_size,client_id,operation,ttl\n"


def _integers(*keys: int) -> bytes:
    return np.array(keys, dtype=">i4").tobytes()


def _keys(trace: Trace) -> list[str]:
    return [request.key for request in trace]


def test_an_integer_trace_is_reads_of_decimal_keys() -> None:
    """Big-endian and signed, in the order of the file."""
    trace = read_trace(_integers(7, -3, 7, 2**31 - 1), "some.trace")
    assert _keys(trace) == ["7", "-3", "7", "2147483647"]
    assert {request.operation for request in trace} == {"get"}
    assert (len(trace), len(trace.keys)) == (4, 3)


def test_twitters_operations_become_get_set_and_delete() -> None:
    """Whatever writes is a set, with the recorded size and TTL."""
    assert list(read_trace(TWITTER, "cluster.csv")) == [
        TraceRequest("get", "k1", 100, 0),
        TraceRequest("set", "k2", 50, 3600),
        TraceRequest("set", "k1", 120, 60),
        TraceRequest("set", "k3", 8, 0),
        TraceRequest("delete", "k1", 0, 0),
        TraceRequest("get", "k2", 50, 0),
    ]


def test_a_header_is_no_request() -> None:
    """A file may begin with the names of its columns."""
    assert len(read_trace(HEADER + TWITTER, "cluster.csv")) == 6


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_compressed_trace_is_the_same(suffix: str) -> None:
    """The suffix after the format's own says how it is packed, in one part or in several."""
    pack, plain = PACKERS[suffix], list(read_trace(TWITTER, "a.csv"))
    assert list(read_trace(pack(TWITTER), f"a.csv.{suffix}")) == plain
    parts = pack(TWITTER[:20]) + pack(TWITTER[20:])
    assert list(read_trace(parts, f"a.csv.{suffix}")) == plain
    assert list(read_trace(packing.pack(TWITTER, f"a.csv.{suffix}"), f"a.csv.{suffix}")) == plain


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_file_that_ends_early_is_refused(suffix: str) -> None:
    """Wherever it was cut, and whatever could be read of it."""
    content = PACKERS[suffix](_integers(*range(50)) * 3)
    for length in range(1, len(content)):
        with pytest.raises(TraceFormatError, match=f"a.trace.{suffix}: not readable as .{suffix}"):
            read_trace(content[:length], f"a.trace.{suffix}")


@pytest.mark.parametrize("suffix", ["", *PACKERS])
def test_a_file_that_grows_beyond_the_limit_is_refused(
    suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before all of it was unpacked."""
    monkeypatch.setattr(packing, "MAX_CONTENT_BYTES", 1_000)
    name = f"a.trace.{suffix}".removesuffix(".")
    assert len(read_trace(packing.pack(bytes(1_000), name), name)) == 250
    content = packing.pack(bytes(100_000), name) + b"what is never looked at" * 1_000
    with pytest.raises(TraceFormatError, match="expected at most 1 GiB"):
        read_trace(content, name)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.trace", b"12345", "5 bytes"),
        ("a.trace", b"", "holds no requests"),
        ("a.trace.xz", b"no xz", "not readable as .xz"),
        ("a.trace.zst", b"no zst", "not readable as .zst"),
        ("a.txt", b"", "expected a name that ends in .trace or .csv"),
        ("a.csv", b"", "holds no requests"),
        ("a.csv", TWITTER + b"\xff\xfe", "line 7: not CSV in UTF-8"),
        ("a.csv", b"0,k,1,1,1,get\n", "line 1: expected timestamp,key"),
        ("a.csv", TWITTER + b"4,k,1,1,1,fly,0\n", "line 7: unknown operation 'fly'"),
        ("a.csv", b"0,k,1,big,1,get,0\n", "line 1: expected a key, a value_size"),
        ("a.csv", b"0,k,1,-1,1,get,0\n", "line 1: expected a key, a value_size"),
        ("a.csv", b"0,,1,1,1,get,0\n", "line 1: expected a key, a value_size"),
        ("a.csv", b"0,k,1,99999999999,1,get,0\n", "line 1: expected a key, a value_size"),
        ("a.csv", b"0,k,1,1,1,get,99999999999\n", "line 1: expected a key, a value_size"),
        ("a.csv", b"0,k,1,1,1,get,-5\n", "line 1: expected a key, a value_size"),
        ("a.csv", b"0,k,1,1,1,get\n" + TWITTER, "line 1: expected timestamp,key"),
        ("a.csv", TWITTER + b"\n4,k,1,1,1,get,0\n", "line 7: expected timestamp,key"),
        ("a.csv", b"soon,k,1,1,1,get,0\n", "line 1: expected a timestamp in whole seconds"),
        ("a.csv", TWITTER + b"-1,k,1,1,1,get,0\n", "line 7: expected a timestamp in whole"),
        ("a.csv", b"0.5,k,1,1,1,get,0\n", "line 1: expected a timestamp in whole seconds"),
        ("a.csv", b"1585699200000,k,1,1,1,get,0\n", "line 1: expected a timestamp in whole"),
        ("a.csv", TWITTER + b",k,1,1,1,get,0\n", "line 7: has no timestamp, but other lines"),
        ("a.csv", HEADER + TWITTER + b"1,k,1,1,1,get,0\n", "line 8: goes back from second 3 to 1"),
    ],
)
def test_damage_is_told_in_one_line(name: str, content: bytes, expected: str) -> None:
    """With the file's name and, where there are lines, the line."""
    with pytest.raises(TraceFormatError, match=expected) as raised:
        read_trace(content, name)
    assert str(raised.value).startswith(f"{name}: ")
    assert "\n" not in str(raised.value)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=100), st.sampled_from(NAMES))
def test_no_bytes_give_anything_but_a_trace_or_a_line(content: bytes, name: str) -> None:
    """Bytes at random are never a traceback."""
    try:
        assert len(read_trace(content, name)) > 0
    except TraceFormatError:
        return


def test_the_head_of_a_trace_is_its_first_requests() -> None:
    """A limit shortens the trace and changes nothing else."""
    trace = read_trace(TWITTER, "a.csv")
    assert list(trace.head(2)) == list(trace)[:2]
    assert list(trace.head(None)) == list(trace)


def test_the_same_seed_is_the_same_synthetic_trace() -> None:
    """Another seed is another trace."""
    first, again, other = (_keys(synthetic_trace(seed, 500, 50)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_synthetic_trace_is_as_skewed_as_zipf_says() -> None:
    """The hottest of 100 keys has 1 / H(100, 0.99) of all requests, within four deviations."""
    requests = 20_000
    trace = synthetic_trace(3, requests, 100)
    (_, hottest), *_ = Counter(_keys(trace)).most_common(1)
    share = 1 / sum(rank**-0.99 for rank in range(1, 101))
    deviation = (share * (1 - share) * requests) ** 0.5
    assert abs(hottest - share * requests) < 4 * deviation
    assert len(trace.keys) == 100


@pytest.mark.parametrize("distinct_keys", [1, 2])
def test_a_synthetic_trace_may_have_few_keys(distinct_keys: int) -> None:
    """One key is a trace too."""
    assert len(synthetic_trace(1, 50, distinct_keys).keys) == distinct_keys


def test_a_mistake_is_found_far_down_too() -> None:
    """Lines are looked at many at once; the one that is wrong is told."""
    with pytest.raises(TraceFormatError, match="line 60001: unknown operation"):
        read_trace(b"0,k,1,1,1,get,0\n" * 60_000 + b"0,k,1,1,1,fly,0\n", "a.csv")


def test_a_second_is_spread_evenly_over_its_requests() -> None:
    """The n requests of a second lie at 0, 1/n, 2/n ... of it; the first is time 0."""
    seconds = [7, 7, 9, 9, 9, 10]
    lines = [f"{second},k,1,1,1,get,0\n" for second in seconds]
    trace = read_trace("".join(lines).encode(), "a.csv")
    assert trace.times_ns is not None
    assert trace.times_ns.tolist() == [
        0,
        500_000_000,
        2_000_000_000,
        2_333_333_333,
        2_666_666_666,
        3_000_000_000,
    ]
    assert trace.times_ns.dtype == np.int64


def test_a_trace_without_timestamps_has_no_times() -> None:
    """Neither integers nor a CSV file whose timestamps are empty."""
    assert read_trace(_integers(1, 2), "a.trace").times_ns is None
    assert read_trace(b",k,1,1,1,get,0\n,k,1,1,1,get,0\n", "a.csv").times_ns is None


def test_a_part_keeps_what_its_requests_were() -> None:
    """Times included, as they are in the whole."""
    trace = read_trace(TWITTER, "a.csv")
    assert trace.times_ns is not None
    part = trace.part(slice(2, 4))
    assert list(part) == list(trace)[2:4]
    assert part.times_ns is not None
    assert part.times_ns.tolist() == trace.times_ns[2:4].tolist()


def test_a_real_trace_is_read_whole() -> None:
    """The published counts of web07 are those that are read."""
    path = REAL / "web07.trace.xz"
    if not path.exists():
        pytest.skip(f"the real traces are not there: {path} is missing")
    trace = read_trace(path.read_bytes(), path.name)
    assert (len(trace), len(trace.keys)) == (WEB07_REQUESTS, WEB07_KEYS)
