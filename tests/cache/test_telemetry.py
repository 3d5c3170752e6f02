"""What OpenTelemetry is told, by its own readers and exporters."""

import gc
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from cache import CacheConfig, CacheError, MultiLevelCache
from cache.events import KINDS, BreakerChanged, Loaded
from cache.metrics import METRICS
from cache.telemetry import instrument
from tests.cache.conftest import ConfigMaker
from tests.support.servers import EmbeddedRedis
from tests.support.waiting import wait_until_async


@dataclass
class Collector:
    """Providers that keep what they are told."""

    meters: MeterProvider
    reader: InMemoryMetricReader
    tracers: TracerProvider
    exporter: InMemorySpanExporter

    @property
    def providers(self) -> dict[str, Any]:
        """What `instrument` is given."""
        return {"meter_provider": self.meters, "tracer_provider": self.tracers}

    def figures(self) -> dict[tuple[str, str, str], float]:
        """Each point by name of the metric, namespace and level."""
        points: dict[tuple[str, str, str], float] = {}
        data = self.reader.get_metrics_data()
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    for point in metric.data.data_points:
                        namespace = point.attributes["cache.namespace"]
                        name = (metric.name, namespace, point.attributes.get("cache.level", ""))
                        assert name not in points, f"{name} is reported twice"
                        points[name] = point.value
        return points

    def spans(self, name: str) -> list[ReadableSpan]:
        """The spans of one name, in the order in which they ended."""
        return [span for span in self.exporter.get_finished_spans() if span.name == name]


@pytest.fixture
def collector() -> Iterator[Collector]:
    """Providers of the test's own."""
    reader, exporter, tracers = InMemoryMetricReader(), InMemorySpanExporter(), TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    meters = MeterProvider([reader])
    yield Collector(meters, reader, tracers, exporter)
    meters.shutdown()
    tracers.shutdown()


async def test_every_metric_is_reported_with_its_level(collector: Collector) -> None:
    """The figures are those of the monitoring metrics at the time of asking."""
    async with MultiLevelCache(CacheConfig(namespace="shop")) as cache:
        end = instrument(cache, **collector.providers)
        await cache.set("a", 1)
        await cache.get("a")
        await cache.get("b")
        figures = collector.figures()
        flat = cache.get_monitoring_metrics()
        expected = {
            (f"cache.{metric.name}", "shop", level): flat[
                "_".join(filter(None, ("cache", level, metric.suffixed_name)))
            ]
            for metric in METRICS
            for level, _ in metric.series(cache.parts)
        }
        assert figures == expected
        assert figures["cache.hits", "shop", "l1"] == 1
        assert figures["cache.reads", "shop", ""] == 2
        await cache.get("a")
        assert collector.figures()["cache.hits", "shop", "l1"] == 2
        end()


async def test_a_load_is_a_span_of_its_caller(collector: Collector) -> None:
    """One for each load that ran, in the trace of who asked for it, without the key."""
    tracer = collector.tracers.get_tracer("caller")
    async with MultiLevelCache(CacheConfig(namespace="shop")) as cache:
        end = instrument(cache, **collector.providers)
        with tracer.start_as_current_span("request") as request:
            for _ in range(3):
                assert await cache.get("user:ada", lambda: "Ada") == "Ada"
        end()
    (span,) = collector.spans("cache.load")
    assert span.parent is not None
    assert span.parent.span_id == request.get_span_context().span_id
    assert span.attributes is not None
    assert span.attributes["cache.namespace"] == "shop"
    assert span.attributes["cache.outcome"] == "loaded"
    assert span.status.status_code is StatusCode.UNSET
    assert "ada" not in str(dict(span.attributes))


async def test_a_span_is_as_long_as_its_load(collector: Collector) -> None:
    """It ends when the load did."""
    cache = MultiLevelCache(CacheConfig())
    end = instrument(cache, **collector.providers)
    before_ns = time.time_ns()
    cache.parts.events.emit(Loaded("a", 1.5))
    end()
    (span,) = collector.spans("cache.load")
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.end_time - span.start_time == 1_500_000_000
    assert before_ns <= span.end_time <= time.time_ns()


async def test_a_failed_load_is_a_failed_span(collector: Collector) -> None:
    """With the type of what the loader raised, and not its text, which may name people."""
    async with MultiLevelCache(CacheConfig()) as cache:
        end = instrument(cache, **collector.providers)

        def fail() -> None:
            raise LookupError("no user called Ada")

        with pytest.raises(LookupError):
            await cache.get("user:ada", fail)
        end()
    (span,) = collector.spans("cache.load")
    assert span.attributes is not None
    assert span.attributes["cache.outcome"] == "failed"
    assert span.attributes["error.type"] == "LookupError"
    assert span.status.status_code is StatusCode.ERROR
    assert "Ada" not in span.to_json()


async def test_spans_of_one_key_can_be_found(collector: Collector) -> None:
    """Its hash is the same each time; the key itself is told where that is asked for."""
    async with MultiLevelCache(CacheConfig()) as cache:
        end = instrument(cache, with_keys=True, **collector.providers)
        for key in ("a", "b", "a"):
            await cache.get(key, lambda: 1)
            await cache.delete(key)
        end()
    told = [dict(span.attributes or {}) for span in collector.spans("cache.load")]
    assert [attributes["cache.key"] for attributes in told] == ["a", "b", "a"]
    first, other, again = (attributes["cache.key_hash"] for attributes in told)
    assert first == again != other


async def test_a_change_of_a_breaker_is_a_span_of_its_own(collector: Collector) -> None:
    """It belongs to no caller's trace."""
    cache = MultiLevelCache(CacheConfig(namespace="shop"))
    end = instrument(cache, **collector.providers)
    with collector.tracers.get_tracer("caller").start_as_current_span("request"):
        cache.parts.events.emit(BreakerChanged("l2", "closed", "open", "no answer in time"))
    end()
    (span,) = collector.spans("cache.breaker_change")
    assert span.parent is None
    assert dict(span.attributes or {}) == {
        "cache.namespace": "shop",
        "cache.level": "l2",
        "cache.breaker.before": "closed",
        "cache.breaker.after": "open",
        "cache.breaker.reason": "no answer in time",
    }


@pytest.mark.integration
@pytest.mark.resilience
async def test_an_outage_is_seen_in_spans_and_metrics(
    collector: Collector, make_config: ConfigMaker, redis_server: EmbeddedRedis
) -> None:
    """L2 is killed and started again: its breaker opens, is probed, and closes."""
    config = make_config(l2_url=redis_server.url, l2_timeout_s=0.25)

    def changes() -> list[str]:
        spans = collector.spans("cache.breaker_change")
        return [str((span.attributes or {})["cache.breaker.after"]) for span in spans]

    def served() -> float:
        return collector.figures()["cache.serves", config.namespace, "l2"]

    async with MultiLevelCache(config) as cache:
        end = instrument(cache, **collector.providers)
        assert served() == 1
        redis_server.kill()
        await wait_until_async(lambda: "open" in changes(), what="the breaker to open")
        assert served() == 0
        redis_server.restart()
        await wait_until_async(lambda: "closed" in changes(), what="the breaker to close")
        assert changes()[-2:] == ["half_open", "closed"]
        assert served() == 1
        end()


async def test_several_caches_report_side_by_side(collector: Collector) -> None:
    """Each under its namespace, and each ends by itself."""
    async with (
        MultiLevelCache(CacheConfig(namespace="users")) as users,
        MultiLevelCache(CacheConfig(namespace="shops")) as shops,
    ):
        end_users = instrument(users, **collector.providers)
        end_shops = instrument(shops, **collector.providers)
        await users.set("a", 1)
        figures = collector.figures()
        assert figures["cache.writes", "users", ""] == 1
        assert figures["cache.writes", "shops", ""] == 0
        end_users()
        assert {namespace for _, namespace, _ in collector.figures()} == {"shops"}
        end_shops()


async def test_an_end_leaves_nothing_behind(collector: Collector) -> None:
    """No figure, no span, no listener; ending twice does nothing, and a new start reports once."""
    async with MultiLevelCache(CacheConfig()) as cache:
        for _ in range(2):
            end = instrument(cache, **collector.providers)
            assert collector.figures()
            end()
            end()
            assert collector.figures() == {}
        await cache.get("a", lambda: 1)
        assert collector.spans("cache.load") == []
        assert not any(map(cache.parts.events.wants, KINDS))


async def test_a_cache_is_reported_once(collector: Collector) -> None:
    """Instrumenting it again would double its figures."""
    async with MultiLevelCache(CacheConfig()) as cache:
        end = instrument(cache, **collector.providers)
        with pytest.raises(CacheError, match="instrumented already"):
            instrument(cache, **collector.providers)
        await cache.get("a", lambda: 1)
        assert len(collector.spans("cache.load")) == 1
        end()


async def test_an_ended_cache_is_not_kept_alive(collector: Collector) -> None:
    """The instruments stay with their provider, what they reported does not."""
    cache = MultiLevelCache(CacheConfig())
    instrument(cache, **collector.providers)()
    gone = weakref.ref(cache._stats)
    del cache
    gc.collect()
    assert gone() is None


async def test_reads_cost_the_same_with_and_without(collector: Collector) -> None:
    """Nobody listens to hits, so the method that answers them stays the class's own."""
    async with MultiLevelCache(CacheConfig()) as cache:
        assert not any(map(cache.parts.events.wants, KINDS))
        plain = cache.get
        assert plain.__func__ is MultiLevelCache.get
        end = instrument(cache, **collector.providers)
        assert cache.get == plain
        end()
        assert cache.get == plain


def run(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_cache_does_without_opentelemetry() -> None:
    """Importing it, with every tier, imports nothing of the extra."""
    done = run(
        "import sys, cache, cache.prometheus, cache.l2.redis, cache.l3.sql\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_without_the_extra_the_error_says_what_to_install() -> None:
    """In one line, as an ImportError and as an error of the cache."""
    done = run(
        "import sys\n"
        "sys.modules['opentelemetry'] = None\n"
        "from cache import CacheError\n"
        "try:\n"
        "    import cache.telemetry\n"
        "except CacheError as error:\n"
        "    print(isinstance(error, ImportError), error)"
    )
    expected = "True OpenTelemetry is not installed: pip install 'tierbench[telemetry]'"
    assert (done.stdout.strip(), done.stderr) == (expected, "")
