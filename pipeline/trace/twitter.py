"""The CSV of Twitter's published cache traces (Yang et al., OSDI 2020)."""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import TraceFormatError
from pipeline.trace.requests import OPERATIONS, Trace

COLUMNS = ["timestamp", "key", "key_size", "value_size", "client_id", "operation", "ttl"]
MAX_VALUE_BYTES = 512 << 20
NS_PER_S = 1_000_000_000

_MAX_TIMESTAMP_S = 2**32
_MAX_TTL_S = 2**31 - 1
_NO_TIME = -1
_ROWS_AT_ONCE = 1 << 12
_PLACES = (
    {"get": 0, "gets": 0}
    | dict.fromkeys(("set", "add", "replace", "cas", "append", "prepend", "incr", "decr"), 1)
    | {"delete": 2}
)


def read_twitter(plain: bytes, name: str) -> Trace:
    """Read a trace of Twitter's format; a first line may name the columns.

    Seconds are spread: the n requests of a second lie at 0, 1/n, 2/n ... of it, in their order. A
    file whose timestamps are all empty has no times.

    Args:
        plain: The decompressed bytes.
        name: What errors call the file.

    Raises:
        TraceFormatError: A line that is not of the format or whose time goes back.
    """
    first_line = 2 if plain.startswith(",".join(COLUMNS).encode()) else 1
    ids: dict[str, int] = {}
    line = first_line
    columns = []
    for rows in _chunks(plain, name, first_line):
        columns.append(_columns(rows, ids, name, line))
        line += len(rows)
    if not columns:
        raise TraceFormatError(f"{name}: holds no requests")
    seconds, key_ids, operations, sizes, ttls = map(np.concatenate, zip(*columns, strict=True))
    return Trace(
        keys=tuple(ids),
        key_ids=key_ids.astype(np.int32),
        operations=operations.astype(np.uint8),
        value_bytes=sizes.astype(np.int32),
        ttls_s=ttls.astype(np.int32),
        times_ns=_times_ns(seconds, name, first_line),
    )


def twitter_of(trace: Trace) -> bytes:
    """The trace as Twitter's CSV: whole seconds after the first request, client 0."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    plain = io.BytesIO()
    for start in range(0, len(trace), _ROWS_AT_ONCE):
        writer.writerows(_rows(trace.part(slice(start, start + _ROWS_AT_ONCE))))
        plain.write(text.getvalue().encode())
        text.seek(0)
        text.truncate()
    return plain.getvalue()


def spread_over_seconds(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Times in nanoseconds after the first, evenly over each second.

    Args:
        seconds: Whole seconds from any origin, never falling, at least one.
    """
    starts = np.flatnonzero(np.diff(seconds, prepend=seconds[0] - 1))
    counts = np.diff(starts, append=len(seconds))
    place = np.arange(len(seconds)) - np.repeat(starts, counts)
    fraction_ns = place * NS_PER_S // np.repeat(counts, counts)
    times_ns: NDArray[np.int64] = (seconds - seconds[0]) * NS_PER_S + fraction_ns
    return times_ns


def _chunks(plain: bytes, name: str, first_line: int) -> Iterator[list[list[str]]]:
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(plain), encoding="utf-8", newline=""))
    rows = islice(reader, first_line - 1, None)
    try:
        while chunk := list(islice(rows, _ROWS_AT_ONCE)):
            yield chunk
    except csv.Error as error:
        raise TraceFormatError(f"{name}: line {reader.line_num}: not CSV: {error}") from None
    except UnicodeDecodeError as error:
        line = _line_of_bad_text(plain)
        raise TraceFormatError(f"{name}: line {line}: not CSV in UTF-8: {error.reason}") from None


def _line_of_bad_text(plain: bytes) -> int:
    try:
        plain.decode()
    except UnicodeDecodeError as error:
        return plain.count(b"\n", 0, error.start) + 1
    return 1


def _columns(
    rows: Sequence[list[str]], ids: dict[str, int], name: str, line: int
) -> list[NDArray[np.int64]]:
    """Timestamps, places of keys, operations, sizes and TTLs of many rows at once."""
    try:
        stamps, keys, _, sizes, _, operations, ttls = zip(*rows, strict=True)
        return [
            _seconds(stamps),
            _places_of(keys, ids),
            np.array(list(map(_PLACES.__getitem__, operations))),
            _numbers(sizes, 0, MAX_VALUE_BYTES),
            _numbers(ttls, 0, _MAX_TTL_S),
        ]
    except (ValueError, KeyError, OverflowError):
        raise next(_complaints(rows, name, line)) from None


def _seconds(stamps: Sequence[str]) -> NDArray[np.int64]:
    seconds = _numbers([stamp or _NO_TIME for stamp in stamps], _NO_TIME, _MAX_TIMESTAMP_S)
    if np.count_nonzero(seconds == _NO_TIME) != stamps.count(""):
        raise ValueError
    return seconds


def _places_of(keys: Sequence[str], ids: dict[str, int]) -> NDArray[np.int64]:
    for key in dict.fromkeys(keys):
        ids.setdefault(key, len(ids))
    if "" in ids:
        raise ValueError
    return np.array(list(map(ids.__getitem__, keys)))


def _numbers(texts: Sequence[str | int], smallest: int, largest: int) -> NDArray[np.int64]:
    numbers = np.array(list(map(int, texts)), dtype=np.int64)
    if not smallest <= numbers.min() <= numbers.max() <= largest:
        raise ValueError
    return numbers


def _complaints(rows: Sequence[list[str]], name: str, line: int) -> Iterator[TraceFormatError]:
    for number, row in enumerate(rows, start=line):
        if (told := _complaint(row)) is not None:
            yield TraceFormatError(f"{name}: line {number}: {told}")


def _complaint(row: list[str]) -> str | None:
    if len(row) != len(COLUMNS):
        return f"expected {','.join(COLUMNS)}, got {row!r:.80}"
    stamp, key, _, value_size, _, operation, ttl = row
    if operation not in _PLACES:
        return f"unknown operation {operation!r:.40}, expected one of {', '.join(_PLACES)}"
    if stamp and not _is_within(stamp, _MAX_TIMESTAMP_S):
        return f"expected a timestamp in whole seconds or none, got {stamp!r:.40}"
    if not key or not _is_within(value_size, MAX_VALUE_BYTES) or not _is_within(ttl, _MAX_TTL_S):
        return f"expected a key, a value_size up to 512 MiB and a ttl from 0, got {row!r:.80}"
    return None


def _is_within(text: str, largest: int) -> bool:
    try:
        return 0 <= int(text) <= largest
    except ValueError:
        return False


def _times_ns(seconds: NDArray[np.int64], name: str, first_line: int) -> NDArray[np.int64] | None:
    untimed = seconds == _NO_TIME
    if untimed.all():
        return None
    if untimed.any():
        line = first_line + int(np.argmax(untimed))
        raise TraceFormatError(f"{name}: line {line}: has no timestamp, but other lines have one")
    back = np.flatnonzero(np.diff(seconds) < 0)
    if len(back):
        before, after = seconds[back[0] : back[0] + 2].tolist()
        raise TraceFormatError(
            f"{name}: line {first_line + int(back[0]) + 1}: goes back from second {before} to "
            f"{after}; sort the file by time: sort -s -t, -k1,1n"
        )
    return spread_over_seconds(seconds)


def _rows(trace: Trace) -> Iterator[tuple[object, ...]]:
    times = trace.times_ns
    stamps = [""] * len(trace) if times is None else (times // NS_PER_S).tolist()
    columns = (trace.key_ids, trace.sizes(), trace.operations, trace.ttls_s)
    for stamp, key, size, operation, ttl in zip(
        stamps, *(column.tolist() for column in columns), strict=True
    ):
        name = trace.keys[key]
        yield stamp, name, len(name.encode()), size, 0, OPERATIONS[operation], ttl
