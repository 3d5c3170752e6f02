"""Reads the trace files that a user names, and writes one whole or not at all."""

import os
from pathlib import Path

from pipeline.cli.errors import UsageError
from pipeline.errors import TraceFormatError
from pipeline.load import TraceLoad
from pipeline.trace import Trace, portion_of, read_trace, trace_bytes
from pipeline.trace.conversion import losses, writable
from pipeline.trace.formats import format_of
from pipeline.trace.packing import MAX_CONTENT_BYTES

MAX_KEY_SCALE = 1_000


def read_file(path: Path) -> Trace:
    """The trace that a file holds, of up to 1 GiB.

    Raises:
        TraceFormatError: It can't be read, or is not a trace.
    """
    format_of(path.name)
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise TraceFormatError(f"{path}: expected a regular file")
        if path.stat().st_size > MAX_CONTENT_BYTES:
            raise TraceFormatError(f"{path}: expected at most 1 GiB; cut it first")
        content = path.read_bytes()
    except OSError as error:
        raise TraceFormatError(f"{path}: {error.strerror or error}") from None
    return read_trace(content, path.name)


def portion(trace: Trace, name: str, requests: int | None, key_scale: float) -> Trace:
    """The part of a trace that the options ask for.

    Raises:
        UsageError: A key scale that can't be.
        TraceLoadError: A key scale that does not fit the trace.
    """
    if not 0 < key_scale <= MAX_KEY_SCALE:
        raise UsageError(
            f"--key-scale {key_scale:g}: expected more than 0 and at most {MAX_KEY_SCALE:,}"
        )
    return portion_of(trace, TraceLoad(requests=requests, key_scale=key_scale), name)


def check_target(path: Path, *, force: bool) -> None:
    """See that a trace can be written there, before any time is spent.

    Raises:
        TraceFormatError: The name tells no format.
        UsageError: It is a folder, it lies in none, or it would be replaced unasked.
    """
    format_of(path.name)
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; name a file in it")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}; make it first")
    if path.exists() and not force:
        raise UsageError(f"{path}: exists already; --force replaces it")


def refuse_losses(trace: Trace, path: Path) -> None:
    """See that a file of this name can hold all of a trace.

    Raises:
        UsageError: It can't.
    """
    if lost := losses(trace, path.name):
        raise UsageError(
            f"{path}: holds the keys of reads alone; {', '.join(lost)} "
            "would be lost: write a .csv file, or add --lossy"
        )


def write_file(trace: Trace, path: Path) -> int:
    """Write what a file of this name can hold; a reader sees the old or the new one, never a part.

    Returns:
        The number of requests written.

    Raises:
        TraceLoadError: Nothing would be left.
        OSError: It can't be written.
    """
    kept = writable(trace, path.name)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_bytes(trace_bytes(kept, path.name))
        partial.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        partial.unlink(missing_ok=True)
    return len(kept)
