"""Traces written in another format: what it holds comes back, what it lacks is told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import TraceFormatError, TraceLoadError
from pipeline.trace import Trace, read_trace, trace_bytes
from pipeline.trace.conversion import losses, writable

PACKED = ["", ".gz", ".xz", ".zst"]
CSV = b'3,"a,""b""",5,10,1,gets,0\n3,k\xc3\xbc,2,20,1,cas,60\n5,1,1,0,1,delete,0\n'
ROWS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=6),
        st.integers(0, 512 << 20),
        st.sampled_from(["get", "set", "delete"]),
        st.integers(0, 2**31 - 1),
    ),
    min_size=1,
    max_size=20,
)


def _told(trace: Trace) -> object:
    times = None if trace.times_ns is None else trace.times_ns.tolist()
    return list(trace), times


@pytest.mark.parametrize("packed", PACKED)
def test_csv_comes_back_as_it_was(packed: str) -> None:
    """Keys of any text, sizes, TTLs, operations and times; seconds count from the first."""
    trace = read_trace(CSV, "a.csv")
    content = trace_bytes(trace, f"b.csv{packed}")
    assert _told(read_trace(content, f"b.csv{packed}")) == _told(trace)
    assert losses(trace, f"b.csv{packed}") == []
    if not packed:
        lines = ['0,"a,""b""",5,10,0,get,0', "0,kü,3,20,0,set,60", "2,1,1,0,0,delete,0"]
        assert content.decode().splitlines() == lines


@settings(max_examples=100, deadline=None, derandomize=True)
@given(ROWS)
def test_any_trace_comes_back_from_csv(rows: list[tuple[int, str, int, str, int]]) -> None:
    """Whatever its keys are made of."""
    second = 0
    columns: list[int] = []
    for step, *_ in rows:
        second += step
        columns.append(second)
    keys = tuple(dict.fromkeys(key for _, key, *_ in rows))
    trace = Trace(
        keys=keys,
        key_ids=np.array([keys.index(key) for _, key, *_ in rows], np.int32),
        operations=np.array([("get", "set", "delete").index(row[3]) for row in rows], np.uint8),
        value_bytes=np.array([row[2] for row in rows], np.int32),
        ttls_s=np.array([row[4] for row in rows], np.int32),
    )
    assert _told(read_trace(trace_bytes(trace, "a.csv"), "a.csv")) == _told(trace)


@pytest.mark.parametrize("packed", PACKED)
def test_integers_come_back_as_they_were(packed: str) -> None:
    """Also by way of CSV, which invents no times for them."""
    trace = Trace.of_reads(np.array([5, -7, 2**31 - 1, 5, -(2**31)]))
    name = f"b.trace{packed}"
    by_way_of_csv = read_trace(trace_bytes(trace, "a.csv"), "a.csv")
    assert by_way_of_csv.times_ns is None
    for written in (trace, by_way_of_csv):
        assert losses(written, name) == []
        assert _told(read_trace(trace_bytes(written, name), name)) == _told(trace)


def test_what_integers_can_not_hold_is_told() -> None:
    """All of it, in a few words each."""
    trace = read_trace(CSV, "a.csv")
    told = ["1 set", "1 delete", "all value sizes", "all TTLs", "all times", "the keys' names"]
    assert losses(trace, "a.trace") == told
    assert losses(trace.head(0), "a.trace.gz") == ["all times"]


def test_reads_alone_are_written_as_integers() -> None:
    """Keys that are no numbers are numbered; equal keys stay equal."""
    lines = b"0,x,1,1,1,get,0\n0,y,1,1,1,set,0\n1,z,1,1,1,get,0\n1,x,1,1,1,get,0\n"
    kept = writable(read_trace(lines, "a.csv"), "b.trace")
    keys = [request.key for request in read_trace(trace_bytes(kept, "b.trace"), "b.trace")]
    assert len(keys) == 3
    assert keys[0] == keys[2] != keys[1]


def test_a_trace_without_reads_is_no_integer_trace() -> None:
    """An empty file would be none either."""
    with pytest.raises(TraceLoadError, match="holds reads alone"):
        writable(read_trace(b"0,x,1,1,1,set,0\n", "a.csv"), "b.trace")


@pytest.mark.parametrize("ask", [losses, writable, trace_bytes])
def test_a_name_without_a_format_is_told(ask: object) -> None:
    """Before anything is written."""
    with pytest.raises(TraceFormatError, match="expected a name that ends in"):
        ask(Trace.of_reads(np.array([1])), "a.txt")  # type: ignore[operator]  # each is a function
