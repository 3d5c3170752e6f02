"""Recorded requests: traces in memory, their file formats, and a synthetic one."""

from pipeline.trace.formats import read_trace
from pipeline.trace.requests import OPERATIONS, Trace, TraceRequest
from pipeline.trace.synthetic import DEFAULT_REQUESTS, synthetic_trace

__all__ = [
    "DEFAULT_REQUESTS",
    "OPERATIONS",
    "Trace",
    "TraceRequest",
    "read_trace",
    "synthetic_trace",
]
