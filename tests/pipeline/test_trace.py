"""Traces: what was recorded is read as it was recorded, and damage is told."""

import gzip
import lzma
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import TraceFormatError
from pipeline.trace import Trace, TraceRequest, read_trace, synthetic_trace

REAL = Path(__file__).resolve().parents[3] / "shared" / "traces"
WEB07_REQUESTS, WEB07_KEYS = 76_118, 20_484
TWITTER = b"""0,k1,2,100,7,get,0
0,k2,2,50,7,set,3600
1,k1,2,120,8,cas,60
2,k3,2,8,8,incr,0
2,k1,2,0,8,delete,0
3,k2,2,50,9,gets,0
"""


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
    header = b"timestamp,key,key_size,value_size,client_id,operation,ttl\n"
    assert len(read_trace(header + TWITTER, "cluster.csv")) == 6


@pytest.mark.parametrize(("suffix", "pack"), [("xz", lzma.compress), ("gz", gzip.compress)])
def test_a_compressed_trace_is_the_same(suffix: str, pack: type[bytes]) -> None:
    """The suffix after the format's own says how it is packed."""
    plain, content = read_trace(TWITTER, "a.csv"), pack(TWITTER)
    assert list(read_trace(content, f"a.csv.{suffix}")) == list(plain)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.trace", b"12345", "5 bytes"),
        ("a.trace", b"", "0 bytes"),
        ("a.trace.xz", b"no xz", "not readable as .xz"),
        ("a.trace.xz", lzma.compress(_integers(*range(999)))[:-20], "not readable as .xz"),
        ("a.csv.gz", gzip.compress(TWITTER, mtime=0)[:-9], "not readable as .gz"),
        ("a.txt", b"", "expected a name that ends in .trace or .csv"),
        ("a.csv", b"", "holds no requests"),
        ("a.csv", b"\xff\xfe", "not CSV"),
        ("a.csv", b"0,k,1,1,1,get\n", "line 1: expected timestamp,key"),
        ("a.csv", TWITTER + b"4,k,1,1,1,fly,0\n", "line 7: unknown operation 'fly'"),
        ("a.csv", b"0,k,1,big,1,get,0\n", "line 1: expected a key, a value_size"),
        ("a.csv", b"0,k,1,-1,1,get,0\n", "line 1: expected a key, a value_size"),
        ("a.csv", b"0,,1,1,1,get,0\n", "line 1: expected a key, a value_size"),
        ("a.csv", b"0,k,1,99999999999,1,get,0\n", "line 1: expected a key, a value_size"),
        ("a.csv", b"0,k,1,1,1,get,99999999999\n", "a.csv: "),
    ],
)
def test_damage_is_told_in_one_line(name: str, content: bytes, expected: str) -> None:
    """With the file's name and, where there are lines, the line."""
    with pytest.raises(TraceFormatError, match=expected) as raised:
        read_trace(content, name)
    assert str(raised.value).startswith(f"{name}: ")
    assert "\n" not in str(raised.value)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=100), st.sampled_from(["a.trace", "a.csv", "a.csv.xz", "a.trace.gz"]))
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


def test_a_real_trace_is_read_whole() -> None:
    """The published counts of web07 are those that are read."""
    path = REAL / "web07.trace.xz"
    if not path.exists():
        pytest.skip(f"the real traces are not there: {path} is missing")
    trace = read_trace(path.read_bytes(), path.name)
    assert (len(trace), len(trace.keys)) == (WEB07_REQUESTS, WEB07_KEYS)
