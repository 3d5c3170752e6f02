"""The formats of trace files, told by their names."""

from collections.abc import Callable

from pipeline.errors import TraceFormatError
from pipeline.trace.integers import integers_of, read_integers
from pipeline.trace.packing import pack, split_name, unpack
from pipeline.trace.requests import Trace
from pipeline.trace.twitter import read_twitter, twitter_of

_READERS: dict[str, Callable[[bytes, str], Trace]] = {
    "trace": read_integers,
    "csv": read_twitter,
}
_WRITERS: dict[str, Callable[[Trace], bytes]] = {"trace": integers_of, "csv": twitter_of}


def format_of(name: str) -> str:
    """`trace` (cache2k's integers, reads alone) or `csv` (Twitter's), as the file's name tells.

    Raises:
        TraceFormatError: It tells neither.
    """
    stem, _ = split_name(name)
    _, _, found = stem.rpartition(".")
    if found not in _READERS:
        raise TraceFormatError(
            f"{name}: expected a name that ends in .trace or .csv, with .gz, .xz or .zst after it "
            "where it is compressed"
        )
    return found


def read_trace(content: bytes, name: str) -> Trace:
    """Read a trace in the format that its name tells.

    Args:
        content: The file's bytes, at most 1 GiB once decompressed.
        name: The file's name: `.trace` holds big-endian signed 32-bit keys, all read (cache2k's
            format); `.csv` holds Twitter's columns (Yang et al., OSDI 2020). `.gz`, `.xz` or
            `.zst` may follow.

    Raises:
        TraceFormatError: The format is unknown, or the bytes are not in it.
    """
    read = _READERS[format_of(name)]
    return read(unpack(content, name), name)


def trace_bytes(trace: Trace, name: str) -> bytes:
    """A file of the format that its name tells; what the format can't hold is left out.

    Args:
        trace: What is written.
        name: As for `read_trace`.

    Raises:
        TraceFormatError: The name tells no format.
    """
    return pack(_WRITERS[format_of(name)](trace), name)
