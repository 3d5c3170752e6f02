"""How an envelope begins: its form, its version, and digits that tell a version from a damaged one.

    [<form>,<version>,<check>...

All of it has a fixed length, so that scripts find it without reading the rest.
"""

import re
from typing import Final

MIN_VERSION: Final = 10**15
MAX_VERSION: Final = 9 * 10**15
"""Lua's numbers are exact up to 2**53; a version above this is foreign."""

HEAD_BYTES: Final = 23
"""The length of a form, a version and its check."""

# A prime: a version with one digit changed, or with two exchanged, never has the same remainder.
CHECK_MODULUS: Final = 887
CHECK_BASE: Final = 100
"""Makes each check three digits, since no number of JSON begins with a zero."""

VALUE: Final = b"5"
PACKED: Final = b"6"
TOMBSTONE: Final = b"7"

_HEAD: Final = re.compile(rb"\[[567],([0-9]{16}),([0-9]{3})")


def head(form: bytes, version: int) -> bytes:
    """Return what an envelope of that form begins with.

    Args:
        form: ``VALUE``, ``PACKED`` or ``TOMBSTONE``.
        version: Of what it holds.
    """
    return b"[%b,%016d,%d" % (form, version, CHECK_BASE + version % CHECK_MODULUS)


def version_in(envelope: bytes) -> int:
    """Return the version that the scripts see; 0 in what is foreign to them."""
    found = _HEAD.match(envelope)
    if found is None:
        return 0
    version = int(found[1])
    is_whole = int(found[2]) == CHECK_BASE + version % CHECK_MODULUS
    return version if is_whole and version <= MAX_VERSION else 0
