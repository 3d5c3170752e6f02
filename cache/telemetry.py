"""Reports a cache to OpenTelemetry; it needs the extra ``tierbench[telemetry]``.

    metrics: the meter's reader asks -> the table of metrics -> the cache's own counters
    traces:  the cache's events      -> a span for each load and each change of a breaker

A cache that is not instrumented does nothing for it, and the paths of reads are never touched.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Iterable
from typing import ClassVar, Final
from weakref import WeakKeyDictionary

from cache.errors import CacheError, MissingExtraError
from cache.events import BreakerChanged, Loaded
from cache.metrics import METRICS, Metric
from cache.parts import Monitored, Parts

try:
    from opentelemetry import context, metrics, trace
except ModuleNotFoundError as error:
    raise MissingExtraError(
        "OpenTelemetry is not installed: pip install 'tierbench[telemetry]'"
    ) from error

SCOPE: Final = "tierbench.cache"

_HASH_BYTES: Final = 8


def instrument(
    cache: Monitored,
    *,
    meter_provider: metrics.MeterProvider | None = None,
    tracer_provider: trace.TracerProvider | None = None,
    with_keys: bool = False,
) -> Callable[[], None]:
    """Report the metrics of ``cache``, and a span for each load and each change of a breaker.

    Metrics are pulled: what collects them reads the cache's counters, in whatever thread. A span
    is made when its load has ended, as a child of the span that was current where the load began,
    so spans that the loader itself makes are its siblings.

    Args:
        cache: Any number of caches can be instrumented, each with a namespace of its own.
        meter_provider: Where metrics go; by default the global one.
        tracer_provider: Where spans go; by default the global one.
        with_keys: Put the keys themselves into spans, beside their hashes. Keys may name people.

    Returns:
        What ends it; calling it again does nothing.

    Raises:
        CacheError: The cache is reported there already.
    """
    parts = cache.parts
    tracer = trace.get_tracer(SCOPE, tracer_provider=tracer_provider)
    spans = _Spans(tracer, parts.config.namespace, with_keys=with_keys)
    ends = [
        _Instruments.of(meter_provider or metrics.get_meter_provider()).add(parts),
        parts.events.subscribe(spans.loaded, Loaded),
        parts.events.subscribe(spans.breaker_changed, BreakerChanged),
    ]

    def uninstrument() -> None:
        while ends:
            ends.pop()()

    return uninstrument


class _Instruments:
    """The instruments of one meter provider, which report every cache that was added.

    OpenTelemetry can't take an instrument back, and one made twice reports twice: so each
    provider gets one set of them for good, and only the caches come and go.
    """

    _made: ClassVar[WeakKeyDictionary[metrics.MeterProvider, "_Instruments"]] = WeakKeyDictionary()
    _making: ClassVar = threading.Lock()

    @classmethod
    def of(cls, provider: metrics.MeterProvider) -> "_Instruments":
        """Return the provider's instruments, made on the first call."""
        with cls._making:
            if provider not in cls._made:
                cls._made[provider] = cls(provider)
            return cls._made[provider]

    def __init__(self, provider: metrics.MeterProvider) -> None:
        self._caches: tuple[Parts, ...] = ()
        meter = provider.get_meter(SCOPE)
        for metric in METRICS:
            make = (
                meter.create_observable_counter
                if metric.kind == "counter"
                else meter.create_observable_gauge
            )
            make(f"cache.{metric.name}", [self._callback(metric)], metric.unit, metric.help)

    def add(self, parts: Parts) -> Callable[[], None]:
        """Report a cache until what is returned is called."""
        if any(other.stats is parts.stats for other in self._caches):
            raise CacheError("the cache is instrumented already: end that first")
        self._caches = (*self._caches, parts)

        def forget() -> None:
            self._caches = tuple(other for other in self._caches if other is not parts)

        return forget

    def _callback(
        self, metric: Metric
    ) -> Callable[[metrics.CallbackOptions], Iterable[metrics.Observation]]:
        def observe(_: metrics.CallbackOptions) -> Iterable[metrics.Observation]:
            return [
                metrics.Observation(figure, _attributes(parts.config.namespace, level))
                for parts in self._caches
                for level, figure in metric.series(parts)
            ]

        return observe


class _Spans:
    """Makes a span of an event that has already happened."""

    def __init__(self, tracer: trace.Tracer, namespace: str, *, with_keys: bool) -> None:
        self._tracer = tracer
        self._namespace = namespace
        self._with_keys = with_keys

    def loaded(self, event: Loaded) -> None:
        """Make a span that lasted as long as the load."""
        attributes = {
            **_attributes(self._namespace),
            "cache.key_hash": _hash(event.key),
            "cache.outcome": "loaded" if event.error is None else "failed",
        }
        if self._with_keys:
            attributes["cache.key"] = event.key
        ended_ns = time.time_ns()
        span = self._tracer.start_span(
            "cache.load",
            attributes=attributes,
            start_time=ended_ns - round(event.duration_s * 1e9),
        )
        if event.error is not None:
            span.set_attribute("error.type", event.error)
            span.set_status(trace.StatusCode.ERROR)
        span.end(ended_ns)

    def breaker_changed(self, event: BreakerChanged) -> None:
        """Make a span without duration or parent: no caller brought it about alone."""
        span = self._tracer.start_span(
            "cache.breaker_change",
            context=context.Context(),
            attributes={
                **_attributes(self._namespace, event.tier),
                "cache.breaker.before": event.before,
                "cache.breaker.after": event.after,
                "cache.breaker.reason": event.reason,
            },
        )
        span.end()


def _attributes(namespace: str, level: str = "") -> dict[str, str]:
    attributes = {"cache.namespace": namespace}
    return {**attributes, "cache.level": level} if level else attributes


def _hash(key: str) -> str:
    """Return what tells keys apart, and lets spans of one key be found, without naming it."""
    return hashlib.blake2b(key.encode(), digest_size=_HASH_BYTES).hexdigest()
