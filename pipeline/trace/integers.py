"""Integer traces (cache2k's): big-endian signed 32-bit keys, one a request, reads only."""

import numpy as np

from pipeline.errors import TraceFormatError
from pipeline.trace.requests import Trace

_KEY_BYTES = 4
_SMALLEST, _LARGEST = -(2**31), 2**31 - 1


def read_integers(plain: bytes, name: str) -> Trace:
    """Read an integer trace.

    Args:
        plain: The decompressed bytes.
        name: What errors call the file.

    Raises:
        TraceFormatError: No whole number of keys, or none.
    """
    if not plain:
        raise TraceFormatError(f"{name}: holds no requests")
    if len(plain) % _KEY_BYTES:
        raise TraceFormatError(
            f"{name}: expected 32-bit keys, got {len(plain):,} bytes, so that the last key "
            "is cut off; copy the file again"
        )
    return Trace.of_reads(np.frombuffer(plain, dtype=">i4").astype(np.int64))


def integers_of(trace: Trace) -> bytes:
    """The keys of all requests as an integer trace; unless all are such numbers, from 0 on."""
    if names_are_integers(trace):
        used = np.unique(trace.key_ids).tolist()
        numbers = np.zeros(len(trace.keys), dtype=">i4")
        numbers[used] = [int(trace.keys[key]) for key in used]
    else:
        numbers = np.arange(len(trace.keys), dtype=">i4")
    return bytes(numbers[trace.key_ids].tobytes())


def names_are_integers(trace: Trace) -> bool:
    """Whether every key that is asked for is the decimal text of a signed 32-bit number."""
    return all(_is_integer(trace.keys[key]) for key in np.unique(trace.key_ids).tolist())


def _is_integer(key: str) -> bool:
    try:
        number = int(key)
    except ValueError:
        return False
    return str(number) == key and _SMALLEST <= number <= _LARGEST
