"""An envelope brings a value, its times and its version back, or is told to be none of ours."""

import re
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.codec import encode
from cache.l2.envelope import (
    HEAD_BYTES,
    MAX_VERSION,
    MIN_VERSION,
    open_envelopes,
    seal,
    tombstone,
    version_in,
)
from cache.tier import MISS, Entry, Write
from tests.cache.test_codec import JSON, typed

NOW_MS = 1_763_830_000_000
VERSION = 1_763_830_000_123_456
MAX_BYTES = 1_000_000


def _sealed(value: Any, compress_over_bytes: int | None = None, **attributes: Any) -> bytes:
    payload = encode(value)
    write = Write(payload, **attributes)
    return seal(payload, write, NOW_MS, compress_over_bytes).with_version(VERSION)


def _opened(envelope: bytes, now_ms: float = NOW_MS, max_bytes: int = MAX_BYTES) -> Entry | None:
    entries, foreign = open_envelopes(["k"], [envelope], now_ms, max_bytes)
    assert (list(entries), foreign) in ((["k"], []), ([], ["k"]))
    return entries.get("k")


@pytest.mark.parametrize("compress_over_bytes", [None, 0])
@given(value=JSON)
def test_a_value_comes_back_as_it_was(value: object, compress_over_bytes: int | None) -> None:
    """Value and types survive, packed or not, and the size is that of the JSON."""
    entry = _opened(_sealed(value, compress_over_bytes))
    assert entry is not None
    assert typed(entry.value) == typed(value)
    assert entry.size_bytes == len(encode(value))


@given(
    ttl_s=st.none() | st.floats(0.001, 1e10),
    fresh_s=st.none() | st.floats(-1e6, 1e10),
    cost_s=st.floats(0, 1e6),
    tags=st.lists(st.text(st.characters(exclude_categories=["Cs"]))).map(tuple),
)
def test_times_cost_and_tags_come_back(
    ttl_s: float | None, fresh_s: float | None, cost_s: float, tags: tuple[str, ...]
) -> None:
    """To the millisecond, seen a second later."""
    envelope = _sealed([], ttl_s=ttl_s, fresh_s=fresh_s, age_s=2.5, cost_s=cost_s, tags=tags)
    entry = _opened(envelope, NOW_MS + 1000)
    assert entry is not None
    assert entry.version == VERSION
    assert entry.tags == tags
    assert entry.age_s == pytest.approx(3.5)
    assert entry.cost_s == pytest.approx(cost_s, abs=1e-6)
    if ttl_s is None:
        assert entry.ttl_s is None
    else:
        assert entry.ttl_s == pytest.approx(ttl_s - 1, abs=0.0011)
    kept_s = ttl_s if fresh_s is None else fresh_s
    if kept_s is None:
        assert entry.fresh_s is None
    else:
        assert entry.fresh_s == pytest.approx(kept_s - 1, abs=0.0011)


def test_an_expired_value_is_a_known_miss() -> None:
    """It still tells its version."""
    entry = _opened(_sealed("x", ttl_s=2.0), NOW_MS + 2000)
    assert entry is not None
    assert (entry.value, entry.version) == (MISS, VERSION)


def test_a_tombstone_is_a_known_miss() -> None:
    """It tells the version of the delete, which may be none."""
    for version in (0, VERSION):
        entry = _opened(tombstone(version))
        assert entry is not None
        assert (entry.value, entry.version) == (MISS, version)


def test_the_version_stands_where_scripts_look() -> None:
    """Each form has it at the same place."""
    for envelope in (_sealed(1), _sealed("x" * 500, 10), tombstone(VERSION)):
        head = envelope[:HEAD_BYTES]
        assert re.fullmatch(rb"\[[234],%d[],]" % VERSION, head)
        assert version_in(envelope) == VERSION


@pytest.mark.parametrize(
    "envelope",
    [
        b"",
        b"plain",
        b"[]",
        b"\x80\x04K\x01.",
        b'[1,null,{"a":1}]',
        b"[5,%d,1]" % VERSION,
        b"[2,%d" % (MAX_VERSION + 1),
        b"2,%d,null" % VERSION,
    ],
)
def test_scripts_see_no_version_in_what_is_foreign(envelope: bytes) -> None:
    """So they replace it; and it is not opened."""
    assert version_in(envelope) == 0
    assert _opened(envelope) is None


@pytest.mark.parametrize(
    "envelope",
    [
        _sealed({"a": 1})[:-1],
        _sealed({"a": 1}) + b"]",
        _sealed({"a": 1}).replace(b"[2,", b"[3,"),
        _sealed("x" * 500, 10).replace(b"[3,", b"[2,"),
        _sealed("x" * 500, 10)[:-1],
        _sealed("x" * 500, 10).replace(b",502]", b",501]"),
        _sealed("x" * 500, 10).replace(b",502]", b",503]"),
        _sealed("x" * 500, 10).replace(b",502]", b",-1]"),
        _sealed("x" * 500, 10).partition(b"\n")[0],
        b"[4,%d" % VERSION,
        b"[4,%d,1]" % VERSION,
        pytest.param(b"[2,%d,1,1,1,0,[],1," % VERSION + b"[" * 100_000, id="deep"),
        pytest.param(b"[2,%d,1,1,1,0,[],1,%s]" % (VERSION, b"9" * 5000), id="long"),
    ],
)
def test_a_corrupt_envelope_is_not_opened(envelope: bytes) -> None:
    """Cut off, mixed up, of another size than it says, or made to exhaust its reader."""
    assert _opened(envelope) is None


def test_a_packed_value_of_a_hostile_size_is_not_unpacked() -> None:
    """Neither what says it is large, nor what lies about it, takes more memory than allowed."""
    bomb = zlib.compress(b'"' + b"x" * 50_000_000 + b'"')
    header = b"[3,%d,null,null,%d,0,[],%d]\n"
    envelopes = [header % (VERSION, NOW_MS, size) + bomb for size in (50_000_002, 100)]
    tracemalloc.start()
    try:
        assert [_opened(envelope) for envelope in envelopes] == [None, None]
        assert tracemalloc.get_traced_memory()[1] < MAX_BYTES
    finally:
        tracemalloc.stop()


def test_what_packing_would_lengthen_stays_plain() -> None:
    """And so does what is short enough."""
    assert _sealed("ab", 0).startswith(b"[2,")
    assert _sealed("x" * 100, 102).startswith(b"[2,")
    assert _sealed("x" * 100, 101).startswith(b"[3,")


def test_what_cannot_be_opened_does_not_hide_the_rest() -> None:
    """Each key is judged alone, and an absent one is neither found nor foreign."""
    entries, foreign = open_envelopes(
        ["a", "b", "c", "d"], [_sealed(1), b"x", None, tombstone(MIN_VERSION)], NOW_MS, MAX_BYTES
    )
    assert {key: entry.value for key, entry in entries.items()} == {"a": 1, "d": MISS}
    assert foreign == ["b"]
