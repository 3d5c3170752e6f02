"""The formats of trace files, told by their names."""

import csv
import gzip
import io
import lzma
import zlib
from collections.abc import Callable

import numpy as np

from pipeline.errors import TraceFormatError
from pipeline.trace.requests import Trace

MAX_CONTENT_BYTES = 1 << 30
MAX_VALUE_BYTES = 512 << 20

_TWITTER_OPERATIONS = (
    {"get": 0, "gets": 0}
    | dict.fromkeys(("set", "add", "replace", "cas", "append", "prepend", "incr", "decr"), 1)
    | {"delete": 2}
)
_TWITTER_COLUMNS = ["timestamp", "key", "key_size", "value_size", "client_id", "operation", "ttl"]
_OPENERS: dict[str, Callable[[io.BytesIO], io.BufferedIOBase]] = {
    "xz": lzma.LZMAFile,
    "gz": lambda file: gzip.GzipFile(fileobj=file),
}


def read_trace(content: bytes, name: str) -> Trace:
    """Read a trace in the format that its name tells.

    Args:
        content: The file's bytes, at most 1 GiB once decompressed.
        name: The file's name: `.trace` holds big-endian signed 32-bit keys, all read (cache2k's
            format); `.csv` holds Twitter's columns (Yang et al., OSDI 2020). `.xz` or `.gz` may
            follow.

    Raises:
        TraceFormatError: The format is unknown, or the bytes are not in it.
    """
    stem, plain = _decompress(content, name)
    if stem.endswith(".trace"):
        return _read_integers(plain, name)
    if stem.endswith(".csv"):
        return _read_twitter(plain, name)
    raise TraceFormatError(f"{name}: expected a name that ends in .trace or .csv, .xz or .gz after")


def _decompress(content: bytes, name: str) -> tuple[str, bytes]:
    stem, _, suffix = name.rpartition(".")
    if suffix not in _OPENERS:
        return name, content
    try:
        with _OPENERS[suffix](io.BytesIO(content)) as file:
            plain = file.read(MAX_CONTENT_BYTES + 1)
    except (lzma.LZMAError, zlib.error, EOFError, OSError) as error:
        raise TraceFormatError(f"{name}: not readable as .{suffix}: {error}") from None
    if len(plain) > MAX_CONTENT_BYTES:
        raise TraceFormatError(f"{name}: expected at most 1 GiB once decompressed")
    return stem, plain


def _read_integers(plain: bytes, name: str) -> Trace:
    if len(plain) % 4 or not plain:
        raise TraceFormatError(
            f"{name}: expected 32-bit keys, got {len(plain):,} bytes, which no whole number fills"
        )
    return Trace.of_reads(np.frombuffer(plain, dtype=">i4").astype(np.int64))


def _read_twitter(plain: bytes, name: str) -> Trace:
    ids: dict[str, int] = {}
    rows: list[tuple[int, int, int, int]] = []
    try:
        for number, row in enumerate(csv.reader(io.StringIO(plain.decode())), start=1):
            if number == 1 and row == _TWITTER_COLUMNS:
                continue
            rows.append(_twitter_request(row, ids, f"{name}: line {number}"))
        columns = np.array(rows, dtype=np.int32).reshape(-1, 4).T
    except (UnicodeDecodeError, csv.Error, OverflowError) as error:
        raise TraceFormatError(f"{name}: not CSV of Twitter's format: {error}") from None
    if not rows:
        raise TraceFormatError(f"{name}: holds no requests")
    operations, key_ids, sizes, ttls = columns
    return Trace(tuple(ids), key_ids, operations.astype(np.uint8), sizes, ttls)


def _twitter_request(row: list[str], ids: dict[str, int], where: str) -> tuple[int, int, int, int]:
    if len(row) != len(_TWITTER_COLUMNS):
        raise TraceFormatError(f"{where}: expected {','.join(_TWITTER_COLUMNS)}, got {row!r:.80}")
    _, key, _, value_size, _, operation, ttl = row
    if operation not in _TWITTER_OPERATIONS:
        raise TraceFormatError(f"{where}: unknown operation {operation!r:.40}")
    try:
        size, ttl_s = int(value_size), int(ttl)
    except ValueError:
        size = ttl_s = -1
    if not 0 <= size <= MAX_VALUE_BYTES or ttl_s < 0 or not key:
        raise TraceFormatError(
            f"{where}: expected a key, a value_size up to 512 MiB and a ttl from 0, got {row!r:.80}"
        )
    return _TWITTER_OPERATIONS[operation], ids.setdefault(key, len(ids)), size, ttl_s
