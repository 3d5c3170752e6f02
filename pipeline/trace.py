"""Recorded requests: the formats of traces, and a synthetic one for where none is at hand."""

import csv
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import TraceFormatError

OPERATIONS = ("get", "set", "delete")
"""What a request can be; `Trace.operations` holds places in this tuple."""

DEFAULT_VALUE_BYTES = 230
"""Where a trace has no sizes: the median object over all of Twitter's clusters (OSDI 2020)."""

DEFAULT_REQUESTS = 20_000
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
_ZIPF_EXPONENT = 0.99


class TraceRequest(NamedTuple):
    """One request; `ttl_s` is 0 where it has none."""

    operation: str
    key: str
    value_bytes: int
    ttl_s: int


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Requests in their order, as columns of one length.

    Args:
        keys: The distinct keys.
        key_ids: int32, each request's place in `keys`.
        operations: uint8, each request's place in `OPERATIONS`.
        value_bytes: int32, the size of the value read or written, from 0.
        ttls_s: int32, seconds that a written value lives; 0 is no TTL.
    """

    keys: tuple[str, ...]
    key_ids: NDArray[np.int32]
    operations: NDArray[np.uint8]
    value_bytes: NDArray[np.int32]
    ttls_s: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.key_ids)

    def __iter__(self) -> Iterator[TraceRequest]:
        columns = (self.operations, self.key_ids, self.value_bytes, self.ttls_s)
        for operation, key, size, ttl in zip(*(c.tolist() for c in columns), strict=True):
            yield TraceRequest(OPERATIONS[operation], self.keys[key], size, ttl)

    @classmethod
    def of_reads(cls, keys: tuple[str, ...], key_ids: NDArray[np.int32]) -> Self:
        """A trace that has nothing but reads."""
        count = len(key_ids)
        return cls(
            keys,
            key_ids,
            np.zeros(count, np.uint8),
            np.full(count, DEFAULT_VALUE_BYTES, np.int32),
            np.zeros(count, np.int32),
        )

    def head(self, requests: int | None) -> Self:
        """The first requests of it; all where None."""
        return type(self)(
            self.keys,
            self.key_ids[:requests],
            self.operations[:requests],
            self.value_bytes[:requests],
            self.ttls_s[:requests],
        )


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


def synthetic_trace(seed: int, requests: int, distinct_keys: int) -> Trace:
    """Reads whose keys are drawn from Zipf's distribution (exponent 0.99), the same for a seed.

    Args:
        seed: From 0.
        requests: How many, from 1.
        distinct_keys: Keys that may be drawn, from 1.
    """
    random = np.random.default_rng(seed)
    weights = np.arange(1, distinct_keys + 1, dtype=np.float64) ** -_ZIPF_EXPONENT
    bounds = np.cumsum(weights)
    ranks = np.searchsorted(bounds, random.random(requests) * bounds[-1], side="right")
    ids = random.permutation(distinct_keys)[np.minimum(ranks, distinct_keys - 1)]
    return _of_integers(ids.astype(np.int64))


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
    return _of_integers(np.frombuffer(plain, dtype=">i4").astype(np.int64))


def _of_integers(numbers: NDArray[np.int64]) -> Trace:
    distinct, ids = np.unique(numbers, return_inverse=True)
    return Trace.of_reads(tuple(map(str, distinct.tolist())), ids.astype(np.int32))


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
