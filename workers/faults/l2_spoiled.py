"""What stands in the place of a value that was spoiled, as bytes or as another type of Redis."""

import pickle
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pipeline.fault import FaultKind

OVERSIZED_BYTES: Final = 4 << 20
"""Far more than any value of a scenario, and less than what a server's clients refuse to read."""

LIST: Final = b"\x00list"
HASH: Final = b"\x00hash"
"""Not payloads: they stand for a list and for a hash under the key."""

Spoil = Callable[[bytes, bytes, Sequence[bytes]], bytes]
"""From a key's name, its value and the values of some keys to what is to stand there."""

_HUGE: Final = b'"' + b"x" * (OVERSIZED_BYTES - 2) + b'"'
_STRANGERS: Final = (
    pickle.dumps({"written": "by another program"}),
    b'{"written": "by another program"}',
    b"",
    LIST,
    HASH,
)


def corrupt(name: bytes, value: bytes, _values: Sequence[bytes]) -> bytes:
    """One byte of it is another; which one follows from the name.

    Doing it twice does not bring the value back: two workers may spoil the same keys.
    """
    if not value:
        return b"\x00"
    place = zlib.crc32(name) % len(value)
    byte = value[place] & 0xF0 | (value[place] + 1) & 0x0F
    return value[:place] + bytes([byte]) + value[place + 1 :]


def truncated(name: bytes, value: bytes, _values: Sequence[bytes]) -> bytes:
    """It ends too early, by a part that follows from the name."""
    return value[: zlib.crc32(name) % max(1, len(value))]


def foreign(name: bytes, value: bytes, values: Sequence[bytes]) -> bytes:
    """It is another program's, or another key's; which one follows from the name."""
    number = zlib.crc32(name)
    kind = number % (len(_STRANGERS) + 1)
    if kind < len(_STRANGERS):
        return _STRANGERS[kind]
    others = [other for other in values if other != value]
    return others[number % len(others)] if others else _STRANGERS[0]


def oversized(_name: bytes, _value: bytes, _values: Sequence[bytes]) -> bytes:
    """It is some MiB of text."""
    return _HUGE


SPOILS: Final[Mapping[FaultKind, Spoil]] = {
    "l2_corrupt": corrupt,
    "l2_truncated": truncated,
    "l2_foreign": foreign,
    "l2_oversized": oversized,
}
