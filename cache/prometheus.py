"""Writes a cache's metrics as Prometheus reads them; serving the text is the application's part.

The format is text exposition 0.0.4
(https://prometheus.io/docs/instrumenting/exposition_formats/).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from cache.errors import ConfigError
from cache.metrics import METRICS, Metric
from cache.parts import Monitored, Parts
from cache.timing import DurationHistogram

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_EDGES_S: Final = tuple(
    float(f"{digits}e{power}") for power in range(-7, 2) for digits in ("1", "2.5", "5")
)
"""From 100 ns, which is L1's own time, to 50 s, beyond which a load is lost."""

_READ_HELP: Final = "Times of reads by the level that answered; of L1's reads one in 64 is timed"
_WRITE_HELP: Final = "Times of writes"


def prometheus_text(*caches: Monitored) -> str:
    """Return every metric of ``caches``, with each one's namespace as a label.

    Serve it with ``CONTENT_TYPE``. It reads counters only: no tier is asked, and any thread may
    call it.

    Args:
        caches: All caches of the process; each metric is described once for all of them.

    Raises:
        ConfigError: Two of them have one namespace, so their figures could not be told apart.
    """
    every = [cache.parts.now() for cache in caches]
    namespaces = [parts.config.namespace for parts in every]
    if len(set(namespaces)) < len(namespaces):
        raise ConfigError("two caches have one namespace: give each of them its own")
    return "".join(f"{line}\n" for line in _lines(every))


def _lines(every: Sequence[Parts]) -> Iterator[str]:
    for metric in METRICS:
        yield from _metric(metric, every)
    yield from _heading("cache_read_duration_seconds", "histogram", _READ_HELP)
    for parts in every:
        for level, times in parts.stats.read_times.items():
            if parts.has(level):
                yield from _histogram("cache_read_duration_seconds", _labels(parts, level), times)
    yield from _heading("cache_write_duration_seconds", "histogram", _WRITE_HELP)
    for parts in every:
        labels, times = _labels(parts), parts.stats.write_times
        yield from _histogram("cache_write_duration_seconds", labels, times)


def _metric(metric: Metric, every: Sequence[Parts]) -> Iterator[str]:
    name = f"cache_{metric.suffixed_name}"
    samples = [
        _sample(name, _labels(parts, level), figure)
        for parts in every
        for level, figure in metric.series(parts)
    ]
    if samples:
        yield from _heading(name, metric.kind, metric.help)
        yield from samples


def _heading(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP {name} {_escaped(text)}."
    yield f"# TYPE {name} {kind}"


def _histogram(name: str, labels: Mapping[str, str], times: DurationHistogram) -> Iterator[str]:
    # Read once: what is recorded meanwhile must not make the buckets exceed the count.
    count, total_s = times.count, times.total_ns / 1e9
    for edge_s, upto in zip(_EDGES_S, times.counts_up_to(_EDGES_S), strict=True):
        yield _sample(f"{name}_bucket", {**labels, "le": repr(edge_s)}, min(upto, count))
    yield _sample(f"{name}_bucket", {**labels, "le": "+Inf"}, count)
    yield _sample(f"{name}_sum", labels, total_s)
    yield _sample(f"{name}_count", labels, count)


def _labels(parts: Parts, level: str = "") -> dict[str, str]:
    labels = {"namespace": parts.config.namespace}
    return {**labels, "level": level} if level else labels


def _sample(name: str, labels: Mapping[str, str], figure: float) -> str:
    written = ",".join(f'{label}="{_escaped_label(text)}"' for label, text in labels.items())
    return f"{name}{{{written}}} {figure!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _escaped_label(text: str) -> str:
    return _escaped(text).replace('"', r"\"")
