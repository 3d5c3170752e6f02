"""An envelope brings a value, its times and its version back, or is told to be none of ours."""

import re
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.codec import encode
from cache.l2.envelope import open_envelopes, seal, tombstone
from cache.l2.head import (
    HEAD_BYTES,
    MAX_VERSION,
    MIN_VERSION,
    PACKED,
    VALUE,
    head,
    version_in,
)
from cache.tier import MISS, Entry, Write
from tests.cache.test_codec import JSON, typed

NOW_MS = 1_763_830_000_000
VERSION = 1_763_830_000_123_456
MAX_BYTES = 1_000_000


def _sealed(
    value: Any, compress_over_bytes: int | None = None, key: str = "k", **attributes: Any
) -> bytes:
    payload = encode(value)
    write = Write(payload, **attributes)
    return seal(key, payload, write, NOW_MS, compress_over_bytes).with_version(VERSION)


def _summed(form: bytes, version: int, rest: bytes) -> bytes:
    """What says of itself that it is whole, whatever it holds."""
    return head(form, version) + b"%010d%b" % (zlib.crc32(rest, zlib.crc32(b"k")), rest)


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
        entry = _opened(tombstone("k", version))
        assert entry is not None
        assert (entry.value, entry.version) == (MISS, version)


def test_the_version_stands_where_scripts_look() -> None:
    """Each form has it at the same place."""
    for envelope in (_sealed(1), _sealed("x" * 500, 10), tombstone("k", VERSION)):
        assert re.fullmatch(rb"\[[567],%d,\d{3}" % VERSION, envelope[:HEAD_BYTES])
        assert version_in(envelope) == VERSION


@given(st.integers(0, MAX_VERSION), st.integers(0, 15), st.integers(1, 9))
def test_a_version_with_a_wrong_digit_is_none(version: int, place: int, more: int) -> None:
    """A higher one would keep out every write until it ended."""
    text = bytearray(tombstone("k", version))
    text[3 + place] = ord("0") + (text[3 + place] - ord("0") + more) % 10
    assert version_in(bytes(text)) == 0
    assert _opened(bytes(text)) is None


@pytest.mark.parametrize(
    "envelope",
    [
        _sealed({"a": [1, "text", None, 1.5], "b": "\u00fc"}, ttl_s=60.0, tags=("t",)),
        _sealed("x" * 500, 10),
        tombstone("k", VERSION),
    ],
)
def test_one_wrong_bit_anywhere_is_seen(envelope: bytes) -> None:
    """Also where what it makes of a value is JSON."""
    for place in range(len(envelope)):
        for bit in range(8):
            wrong = bytearray(envelope)
            wrong[place] ^= 1 << bit
            assert _opened(bytes(wrong)) is None


@pytest.mark.parametrize("key", ["", "k ", "kk", "user:202", "\u043a\u043b\u044e\u0447"])
def test_another_keys_envelope_is_foreign(key: str) -> None:
    """A value, plain or packed, and a tombstone are their own key's alone."""
    strangers = (
        _sealed(1, key=key),
        _sealed("x" * 500, 10, key),
        tombstone(key, VERSION),
    )
    for envelope in strangers:
        assert version_in(envelope) == VERSION
        assert _opened(envelope) is None
        entries, foreign = open_envelopes([key], [envelope], NOW_MS, MAX_BYTES)
        assert (list(entries), foreign) == ([key], [])


@pytest.mark.parametrize(
    "envelope",
    [
        b"[2,%d,null,null,%d,0.000000,[],1,1]" % (VERSION, NOW_MS),
        b"[3,%d,null,null,%d,0.000000,[],3]\n" % (VERSION, NOW_MS) + zlib.compress(b"111"),
        b"[4,%d]" % VERSION,
    ],
)
def test_an_envelope_without_a_sum_is_foreign(envelope: bytes) -> None:
    """As they were before there were sums; scripts replace it as well."""
    assert _opened(envelope) is None
    assert version_in(envelope) == 0


@pytest.mark.parametrize(
    "envelope",
    [
        b"",
        b"plain",
        b"[]",
        b"\x80\x04K\x01.",
        b'[1,null,{"a":1}]',
        b"[8" + head(VALUE, VERSION)[2:] + b"0000000000]",
        head(VALUE, MAX_VERSION + 1),
        head(VALUE, VERSION)[1:],
        head(VALUE, VERSION)[:-1],
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
        _sealed({"a": 1}).replace(b"[5,", b"[6,"),
        _sealed("x" * 500, 10).replace(b"[6,", b"[5,"),
        _sealed("x" * 500, 10)[:-1],
        _sealed("x" * 500, 10).partition(b"\n")[0],
        tombstone("k", VERSION)[:-1],
        tombstone("k", VERSION)[:-1] + b",1]",
        _summed(PACKED, VERSION, b",null,null,1,0,[],5]\n" + zlib.compress(b'"xx"')),
        _summed(PACKED, VERSION, b",null,null,1,0,[],3]\n" + zlib.compress(b'"xx"')),
        _summed(PACKED, VERSION, b",null,null,1,0,[],-1]\n" + zlib.compress(b'"xx"')),
        _summed(PACKED, VERSION, b",null,null,1,0,[],4]\n" + zlib.compress(b'"xx}')),
        pytest.param(_summed(VALUE, VERSION, b",1,1,1,0,[],1," + b"[" * 100_000), id="deep"),
        pytest.param(_summed(VALUE, VERSION, b",1,1,1,0,[],1,%s]" % (b"9" * 5000)), id="long"),
    ],
)
def test_a_corrupt_envelope_is_not_opened(envelope: bytes) -> None:
    """Cut off, mixed up, of another size than it says, or made to exhaust its reader."""
    assert _opened(envelope) is None


def test_a_packed_value_of_a_hostile_size_is_not_unpacked() -> None:
    """Neither what says it is large, nor what lies about it, takes more memory than allowed."""
    bomb = zlib.compress(b'"' + b"x" * 50_000_000 + b'"')
    envelopes = [
        _summed(PACKED, VERSION, b",null,null,%d,0,[],%d]\n%b" % (NOW_MS, size, bomb))
        for size in (50_000_002, 100)
    ]
    tracemalloc.start()
    try:
        assert [_opened(envelope) for envelope in envelopes] == [None, None]
        assert tracemalloc.get_traced_memory()[1] < MAX_BYTES
    finally:
        tracemalloc.stop()


def test_what_packing_would_lengthen_stays_plain() -> None:
    """And so does what is short enough."""
    assert _sealed("ab", 0).startswith(b"[5,")
    assert _sealed("x" * 100, 102).startswith(b"[5,")
    assert _sealed("x" * 100, 101).startswith(b"[6,")


def test_what_cannot_be_opened_does_not_hide_the_rest() -> None:
    """Each key is judged alone, and an absent one is neither found nor foreign."""
    entries, foreign = open_envelopes(
        ["k", "b", "c", "d"],
        [_sealed(1), b"x", None, tombstone("d", MIN_VERSION)],
        NOW_MS,
        MAX_BYTES,
    )
    assert {key: entry.value for key, entry in entries.items()} == {"k": 1, "d": MISS}
    assert foreign == ["b"]
