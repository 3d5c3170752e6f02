r"""What L2 stores for a key: an envelope of one of three forms, told apart by its first number.

    [5,<version>,<check><sum>,<expires>,<fresh until>,<stored>,<cost>,<tags>,<size>,<payload>]
    [6,<version>,<check><sum>,<expires>,<fresh until>,<stored>,<cost>,<tags>,<size>]\n<in zlib>
    [7,<version>,<check><sum>]                                                    a tombstone

Versions are 16 digits, so that a script finds them at a fixed place; times are milliseconds of
the server's clock, since MGET does not return a time to live; ``null`` is without end. The sum is
a CRC-32 of the key and of all that follows the sum: damaged bytes, and another key's envelope, are
no envelope of this key. The version, which only the server may know, has a check of its own; both
are read as one number.
"""

import zlib
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

import msgspec

from cache.errors import DecodeError
from cache.l2.head import (
    CHECK_BASE,
    CHECK_MODULUS,
    HEAD_BYTES,
    MAX_VERSION,
    PACKED,
    TOMBSTONE,
    VALUE,
    head,
    version_in,
)
from cache.tier import MISS, Entry, Write

_SUM_DIGITS: Final = 10
_SUM_END: Final = HEAD_BYTES + _SUM_DIGITS
_CHECK_UNIT: Final = 10**_SUM_DIGITS
_ZLIB_LEVEL: Final = 1

_Version = Annotated[int, msgspec.Meta(ge=0, le=MAX_VERSION)]
_Size = Annotated[int, msgspec.Meta(ge=0)]
_Ms = float
# Tuples: taking one apart is faster than reading a struct's attributes.
_Tags = tuple[str, ...]
_Value = tuple[Literal[5], _Version, int, _Ms | None, _Ms | None, _Ms, float, _Tags, _Size, Any]
_Packed = tuple[Literal[6], _Version, int, _Ms | None, _Ms | None, _Ms, float, _Tags, _Size]

_decode_value = msgspec.json.Decoder(_Value).decode
_decode_packed = msgspec.json.Decoder(_Packed).decode
_decode_payload = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_CONTAINERS = frozenset({dict, list})
_MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, zlib.error)


class Sealed(msgspec.Struct, frozen=True, gc=False):
    """An envelope without its version, which only the server may know.

    Attributes:
        form: The envelope's first number.
        rest: What follows the version and its check.
        ttl_ms: How long the server keeps it (None: until deleted).
    """

    form: bytes
    rest: bytes
    ttl_ms: int | None

    def with_version(self, version: int) -> bytes:
        """Return the whole envelope, as the scripts put it together."""
        return head(self.form, version) + self.rest


def seal(
    key: str, payload: bytes, write: Write, now_ms: int, compress_over_bytes: int | None
) -> Sealed:
    """Put an encoded value into an envelope.

    Args:
        key: What it is written under.
        payload: The encoded value.
        write: Its times, cost and tags.
        now_ms: A time that the server has certainly reached.
        compress_over_bytes: A longer payload is compressed if that makes it shorter.
    """
    ttl_ms = None if write.ttl_s is None else max(1, int(write.ttl_s * 1000))
    expires_ms = None if ttl_ms is None else now_ms + ttl_ms
    fresh_ms = expires_ms if write.fresh_s is None else now_ms + int(write.fresh_s * 1000)
    header = b",%b,%b,%d,%.6f,%b,%d" % (
        _number(expires_ms),
        _number(fresh_ms),
        now_ms - int(write.age_s * 1000),
        write.cost_s,
        _encode(write.tags) if write.tags else b"[]",
        len(payload),
    )
    if compress_over_bytes is not None and len(payload) > compress_over_bytes:
        packed = zlib.compress(payload, _ZLIB_LEVEL)
        if len(packed) < len(payload):
            return Sealed(PACKED, _summed(key, b"%b]\n%b" % (header, packed)), ttl_ms)
    return Sealed(VALUE, _summed(key, b"%b,%b]" % (header, payload)), ttl_ms)


def tombstone(key: str, version: int) -> bytes:
    """Return the envelope of a deleted key."""
    return head(TOMBSTONE, version) + tombstone_rest(key)


def tombstone_rest(key: str) -> bytes:
    """Return what follows the version and its check in the tombstone of a key."""
    return _summed(key, b"]")


def open_envelopes(
    keys: Iterable[str], envelopes: Iterable[bytes | None], now_ms: float, max_bytes: int
) -> tuple[dict[str, Entry], list[str]]:
    """Return what is in the envelopes of ``keys``, and the keys whose envelopes are not ours.

    Args:
        keys: As many as there are envelopes.
        envelopes: What the server holds; None holds nothing.
        now_ms: A time that the server has certainly not passed.
        max_bytes: The longest payload that is unpacked.
    """
    entries: dict[str, Entry] = {}
    foreign: list[str] = []
    crc32 = zlib.crc32
    # This loop is the path of an L2 hit: nothing in it is called that could be written out.
    for key, envelope in zip(keys, envelopes, strict=True):
        if envelope is None:
            continue
        try:
            (_, version, total, expires_ms, fresh_ms, stored_ms, cost_s, tags, size, value) = (
                _decode_value(envelope)
            )
        except _MALFORMED:
            try:
                entries[key] = _open_rare(key, envelope, now_ms, max_bytes)
            except DecodeError:
                foreign.append(key)
            continue
        check = version % CHECK_MODULUS + CHECK_BASE
        if total != crc32(envelope[_SUM_END:], crc32(key.encode())) + check * _CHECK_UNIT:
            foreign.append(key)
            continue
        ttl_s = None if expires_ms is None else (expires_ms - now_ms) * 0.001
        age_s = (now_ms - stored_ms) * 0.001
        entries[key] = Entry(
            value if ttl_s is None or ttl_s > 0 else MISS,
            ttl_s,
            version,
            None if fresh_ms is None else (fresh_ms - now_ms) * 0.001,
            age_s if age_s > 0 else 0.0,
            cost_s,
            tags,
            size,
            envelope[-size - 1 : -1] if type(value) in _CONTAINERS else None,
        )
    return entries, foreign


def _open_rare(key: str, envelope: bytes, now_ms: float, max_bytes: int) -> Entry:
    """Open a tombstone or a packed value.

    Raises:
        DecodeError: It is foreign, corrupt or of another format.
    """
    version = version_in(envelope)
    if envelope == tombstone(key, version):
        return Entry(MISS, version=version)
    header, _, packed = envelope.partition(b"\n")
    if envelope[HEAD_BYTES:] != _summed(key, envelope[_SUM_END:]):
        raise DecodeError("its sum is that of another key, or of other bytes")
    try:
        payload = _unpacked(packed, _decode_packed(header)[-1], max_bytes)
    except _MALFORMED as error:
        raise DecodeError(str(error)) from None
    plain = head(VALUE, version) + _summed(key, b"%b,%b]" % (header[_SUM_END:-1], payload))
    entries, _ = open_envelopes([key], [plain], now_ms, max_bytes)
    if not entries:
        raise DecodeError("a packed value is not JSON")
    return entries[key]


def _unpacked(packed: bytes, size: int, max_bytes: int) -> bytes:
    """Unpack what says of itself that it has ``size``, and never more than that."""
    if not 0 < size <= max_bytes:
        raise DecodeError(f"{size} bytes are more than {max_bytes}")
    unpacker = zlib.decompressobj()
    payload = unpacker.decompress(packed, size + 1)
    if len(payload) != size or not unpacker.eof:
        raise DecodeError(f"a packed value is not of {size} bytes")
    return payload


def _summed(key: str, rest: bytes) -> bytes:
    """Return the sum, and ``rest``, which it covers."""
    return b"%010d%b" % (zlib.crc32(rest, zlib.crc32(key.encode())), rest)


def _number(number: int | None) -> bytes:
    return b"null" if number is None else b"%d" % number
