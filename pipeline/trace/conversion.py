"""What of a trace a format can hold, and what it can't."""

from collections.abc import Iterator

import numpy as np

from pipeline.errors import TraceLoadError
from pipeline.trace.formats import format_of
from pipeline.trace.integers import names_are_integers
from pipeline.trace.requests import DEFAULT_VALUE_BYTES, OPERATIONS, Trace

_GET = OPERATIONS.index("get")


def losses(trace: Trace, name: str) -> list[str]:
    """What would be missing from a file of this name, a few words each; empty where nothing would.

    Args:
        trace: What would be written.
        name: The file's name, which tells its format.

    Raises:
        TraceFormatError: It tells none.
    """
    return list(_losses_as_integers(trace)) if format_of(name) == "trace" else []


def writable(trace: Trace, name: str) -> Trace:
    """The requests that a file of this name can hold: of an integer trace the reads.

    Args:
        trace: What is to be written.
        name: The file's name, which tells its format.

    Raises:
        TraceFormatError: It tells none.
        TraceLoadError: None of them.
    """
    if format_of(name) != "trace":
        return trace
    reads = trace.part(trace.operations == _GET)
    if not len(reads):
        raise TraceLoadError(f"{name}: holds reads alone, and the trace has none")
    return reads


def _losses_as_integers(trace: Trace) -> Iterator[str]:
    for operation in ("set", "delete"):
        count = np.count_nonzero(trace.operations == OPERATIONS.index(operation))
        if count:
            yield f"{count:,} {operation}{'' if count == 1 else 's'}"
    if trace.value_bytes is not None and (trace.value_bytes != DEFAULT_VALUE_BYTES).any():
        yield "all value sizes"
    if trace.ttls_s.any():
        yield "all TTLs"
    if trace.times_ns is not None:
        yield "all times"
    if not names_are_integers(trace):
        yield "the keys' names"
