"""Recorded requests: traces in memory, their file formats, their scaling, and a synthetic one."""

from pipeline.trace.formats import read_trace, trace_bytes
from pipeline.trace.requests import OPERATIONS, Trace, TraceRequest
from pipeline.trace.scaling import check_load, portion_of, shard_of
from pipeline.trace.synthetic import DEFAULT_REQUESTS, synthetic_trace

__all__ = [
    "DEFAULT_REQUESTS",
    "OPERATIONS",
    "Trace",
    "TraceRequest",
    "check_load",
    "portion_of",
    "read_trace",
    "shard_of",
    "synthetic_trace",
    "trace_bytes",
]
