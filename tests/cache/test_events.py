"""Listeners: who is told what, and what they can't do to the cache."""

import functools
import logging
from collections.abc import Callable

import pytest

from cache import CacheConfig, MultiLevelCache
from cache.events import (
    KINDS,
    BreakerChanged,
    Event,
    Events,
    Hit,
    Invalidated,
    Kind,
    Loaded,
    Missed,
)

EVENTS: tuple[Event, ...] = (
    Hit("a", "l1", 0.5, stale=False),
    Missed("b"),
    Loaded("b", 0.1, "ValueError"),
    BreakerChanged("l2", "closed", "open", "no answer in time"),
    Invalidated(frozenset({"a"}), "push"),
)


def emit_all(events: Events) -> None:
    """Emit one event of each kind."""
    for event in EVENTS:
        events.emit(event)


def test_a_listener_hears_the_kinds_that_it_asked_for() -> None:
    """Two kinds, and nothing else."""
    events, heard = Events(), list[Event]()
    events.subscribe(heard.append, Missed, Invalidated)
    emit_all(events)
    assert heard == [EVENTS[1], EVENTS[4]]


def test_a_listener_without_kinds_hears_them_all() -> None:
    """Every kind there is."""
    events, heard = Events(), list[Event]()
    events.subscribe(heard.append)
    emit_all(events)
    assert heard == list(EVENTS)
    assert {type(event) for event in EVENTS} == set(KINDS)


def test_an_ended_subscription_hears_nothing() -> None:
    """Ending it twice does nothing, and the same listener may be subscribed twice."""
    events, heard = Events(), list[Event]()
    end_first = events.subscribe(heard.append, Missed)
    end_second = events.subscribe(heard.append, Missed)
    emit_all(events)
    assert len(heard) == 2
    end_first()
    end_first()
    emit_all(events)
    assert len(heard) == 3
    end_second()
    emit_all(events)
    assert len(heard) == 3


def test_nobody_wants_what_nobody_subscribed_to() -> None:
    """A path asks first, and builds no event for nobody."""
    events = Events()
    assert not any(map(events.wants, KINDS))
    end = events.subscribe(lambda event: None, Loaded)
    assert [kind for kind in KINDS if events.wants(kind)] == [Loaded]
    end()
    assert not any(map(events.wants, KINDS))


def test_the_cache_is_told_when_the_wanted_kinds_change() -> None:
    """Once for each change of the set, and not for a second listener of the same kind."""
    told: list[frozenset[Kind]] = []
    events = Events(told.append)
    end_hits = events.subscribe(lambda event: None, Hit)
    end_more_hits = events.subscribe(lambda event: None, Hit)
    assert told == [{Hit}]
    end_loads = events.subscribe(lambda event: None, Loaded, Hit)
    assert told[1:] == [{Hit, Loaded}]
    for end in (end_hits, end_more_hits, end_loads):
        end()
    assert told[2:] == [frozenset()]


def test_a_listener_that_raises_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """Each failure is counted, the first of each listener is logged, and the others are told."""
    events, heard = Events(), list[Event]()

    def fail(event: Event) -> None:
        raise ZeroDivisionError(event)

    events.subscribe(fail)
    events.subscribe(heard.append)
    events.subscribe(fail)
    with caplog.at_level(logging.ERROR):
        emit_all(events)
    assert heard == list(EVENTS)
    assert events.failures == 2 * len(EVENTS)
    assert len(caplog.records) == 2
    assert "ZeroDivisionError" in caplog.text


def test_a_listener_may_end_its_own_subscription() -> None:
    """The event that is being told still reaches those who come after it."""
    events, heard = Events(), list[Event]()
    end: list[Callable[[], None]] = []

    def once(event: Event) -> None:
        heard.append(event)
        end[0]()

    end.append(events.subscribe(once, Missed))
    events.subscribe(heard.append, Missed)
    events.emit(Missed("a"))
    events.emit(Missed("b"))
    assert heard == [Missed("a"), Missed("a"), Missed("b")]


class AsyncListener:
    """An object that is called as a coroutine function."""

    async def __call__(self, event: Event) -> None:
        """Do nothing, too late."""


async def listen(event: Event) -> None:
    """Do nothing, too late."""


@pytest.mark.parametrize("listener", [listen, functools.partial(listen), AsyncListener()])
def test_an_async_listener_is_refused(listener: Callable[[Event], object]) -> None:
    """It would never run, so subscribing says what to give instead."""
    events = Events()
    with pytest.raises(TypeError, match="is async: give a function"):
        events.subscribe(listener)
    assert not any(map(events.wants, KINDS))


def test_what_is_no_listener_and_what_is_no_kind_are_refused() -> None:
    """The mistake is named at once, and nothing is subscribed."""
    events = Events()
    with pytest.raises(TypeError, match="a listener is a function"):
        events.subscribe("print")
    with pytest.raises(TypeError, match="choose from Hit, Missed"):
        events.subscribe(print, Hit, str)
    assert not any(map(events.wants, KINDS))


def test_events_can_not_be_changed() -> None:
    """One listener can't change what the next one hears."""
    with pytest.raises(AttributeError):
        EVENTS[0].key = "b"


async def test_a_cache_tells_what_happens_in_it() -> None:
    """Hits of L1 too, in their order, and only while somebody listens to them."""
    async with MultiLevelCache(CacheConfig()) as cache:
        heard: list[Event] = []
        await cache.set("a", 1)
        await cache.get("a")
        end = cache.subscribe(heard.append)
        assert await cache.get("a") == 1
        assert await cache.get("b") is None
        assert await cache.get("c", lambda: 3) == 3
        with pytest.raises(ZeroDivisionError):
            await cache.get("d", lambda: 1 / 0)
        end()
        await cache.get("a")
    hit, missed, *loads = heard
    assert isinstance(hit, Hit)
    assert (hit.key, hit.level, hit.stale) == ("a", "l1", False)
    assert 0 <= hit.age_s < 60
    assert missed == Missed("b")
    assert {event for event in loads if isinstance(event, Missed)} == {Missed("c")}
    loaded = [event for event in loads if isinstance(event, Loaded)]
    assert [(event.key, event.error) for event in loaded] == [
        ("c", None),
        ("d", "ZeroDivisionError"),
    ]
    assert all(event.duration_s >= 0 for event in loaded)
    assert len(loads) == 3


async def test_the_path_of_a_hit_is_watched_only_for_listeners() -> None:
    """Without a listener to hits, `get` is the class's own method."""
    async with MultiLevelCache(CacheConfig()) as cache:
        plain = cache.get
        assert plain.__func__ is MultiLevelCache.get
        end_loads = cache.subscribe(lambda event: None, Loaded)
        assert cache.get == plain
        end_hits = cache.subscribe(lambda event: None, Hit)
        assert cache.get != plain
        end_hits()
        assert cache.get == plain
        end_loads()


async def test_a_failing_listener_does_not_fail_a_read(caplog: pytest.LogCaptureFixture) -> None:
    """The value is served, and the failure is counted among the metrics."""
    async with MultiLevelCache(CacheConfig()) as cache:

        def fail(event: Event) -> None:
            raise ZeroDivisionError

        cache.subscribe(fail)
        with caplog.at_level(logging.CRITICAL):
            assert await cache.get("a", lambda: 1) == 1
            assert await cache.get("a") == 1
        assert cache.get_monitoring_metrics()["cache_listener_failures_total"] == 3
