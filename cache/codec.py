"""JSON in and out of the process: only what comes back exactly as it went in is let out.

A tuple would return as a list and an integer key as a string, so such values stay in L1.
"""

import math
from typing import Any, Final

import msgspec

from cache.errors import DecodeError, EncodeError

_FORMAT: Final = 1


class _Outgoing(msgspec.Struct, array_like=True, frozen=True):
    format: int
    expires_ms: int | None
    payload: msgspec.Raw


class _Incoming(msgspec.Struct, array_like=True, frozen=True):
    format: int
    expires_ms: int | None
    payload: Any


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()
_incoming = msgspec.json.Decoder(_Incoming)


def encode(value: Any) -> bytes:
    """Return ``value`` as JSON.

    Raises:
        EncodeError: It would not come back equal and of the same types.
    """
    try:
        if _is_exact(value):
            return _encoder.encode(value)
    except (UnicodeEncodeError, RecursionError) as error:
        raise EncodeError(f"a {type(value).__name__} has no JSON form: {error}") from None
    raise EncodeError(f"a {type(value).__name__} does not come back from JSON as it was")


def decode(payload: bytes) -> Any:
    """Return the value that ``encode`` was given.

    Raises:
        DecodeError: The payload is not JSON.
    """
    try:
        return _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError(str(error)) from None


def seal(payload: bytes, expires_ms: int | None) -> bytes:
    """Put an encoded value in an envelope with its expiry, in milliseconds of the server's clock.

    The envelope carries the expiry because MGET does not return a time to live.
    """
    return _encoder.encode(_Outgoing(_FORMAT, expires_ms, msgspec.Raw(payload)))


def unseal(envelope: bytes) -> tuple[Any, int | None]:
    """Return the value and the expiry of an envelope.

    Raises:
        DecodeError: It is foreign, corrupt or of another format.
    """
    try:
        incoming = _incoming.decode(envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError(str(error)) from None
    if incoming.format != _FORMAT:
        raise DecodeError(f"envelope format {incoming.format} is not {_FORMAT}")
    return incoming.payload, incoming.expires_ms


def _is_exact(value: Any) -> bool:
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return True
    if kind is float:
        return math.isfinite(value)
    if kind is dict:
        return all(type(key) is str and _is_exact(item) for key, item in value.items())
    return kind is list and all(map(_is_exact, value))
