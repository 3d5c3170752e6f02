"""JSON in and out of the process: only what comes back exactly as it went in is let out.

A tuple would return as a list and an integer key as a string, so such values stay in L1.
"""

import math
from typing import Any

import msgspec

from cache.errors import DecodeError, EncodeError

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()

decode_payload = _decoder.decode
"""Decodes what ``encode`` made, which can't fail; what comes from a tier is for ``decode``."""


def encode(value: Any) -> bytes:
    """Return ``value`` as JSON.

    Raises:
        EncodeError: It would not come back equal and of the same types.
    """
    try:
        if _is_exact(value):
            return _encoder.encode(value)
    except (ValueError, RecursionError) as error:
        # ValueError: half a surrogate pair, or an integer of thousands of digits.
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


def _is_exact(value: Any) -> bool:
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return True
    if kind is float:
        return math.isfinite(value)
    if kind is dict:
        return all(type(key) is str and _is_exact(item) for key, item in value.items())
    return kind is list and all(map(_is_exact, value))
