"""What happens in a cache, told to whoever listens; nothing is built or called for nobody.

path -> wants(Kind)? --no--> nothing
            |
            yes: emit(Kind(...)) -> each listener of that kind, in turn
"""

import inspect
import logging
from collections.abc import Callable
from typing import Any, Final, Literal, TypeVar

import msgspec

_LOG: Final = logging.getLogger(__name__)

Origin = Literal["push", "reconnect"]


class Event(msgspec.Struct, frozen=True, gc=False):
    """What every kind of event is."""


class Hit(Event, frozen=True, gc=False):
    """A read was answered by a tier.

    Attributes:
        key: The key.
        level: The tier: l1, l2 or l3.
        age_s: Seconds since the value was written or loaded.
        stale: Whether its time was over.
    """

    key: str
    level: str
    age_s: float
    stale: bool


class Missed(Event, frozen=True, gc=False):
    """A read was answered by no tier: by its loader, or by nobody.

    Attributes:
        key: The key.
    """

    key: str


class Loaded(Event, frozen=True, gc=False):
    """A load from the origin ended, for a caller or in the background.

    Attributes:
        key: The key.
        duration_s: How long the loader took.
        error: The type of what the loader raised; None where it returned.
    """

    key: str
    duration_s: float
    error: str | None = None


class BreakerChanged(Event, frozen=True, gc=False):
    """The circuit breaker of a tier turned.

    Attributes:
        tier: The tier: l2 or l3.
        before: The state that it left: closed, open or half_open.
        after: The state that it is in.
        reason: Why; empty where it closed.
    """

    tier: str
    before: str
    after: str
    reason: str


class Invalidated(Event, frozen=True, gc=False):
    """Keys left L1 because somebody may have written them.

    Attributes:
        keys: The keys, or None for all of them.
        origin: ``push`` (L2 told of a write) or ``reconnect`` (it may have told in vain).
    """

    keys: frozenset[str] | None
    origin: Origin


Kind = type[Event]
KINDS: Final[tuple[Kind, ...]] = (Hit, Missed, Loaded, BreakerChanged, Invalidated)

AnyEvent = TypeVar("AnyEvent", bound=Event)


class _Subscription:
    """One listener as it was subscribed, and whether it was complained about."""

    __slots__ = ("has_failed", "listener")

    def __init__(self, listener: Callable[[Any], object]) -> None:
        self.listener = listener
        self.has_failed = False


class Events:
    """Who listens to which kinds of events.

    Args:
        on_change: Called with the kinds that are listened to, each time that they change.
    """

    def __init__(self, on_change: Callable[[frozenset[Kind]], None] = lambda _kinds: None) -> None:
        self.failures = 0
        """Events that a listener failed on."""
        self.on_change = on_change
        """Called with the kinds that are listened to, each time that they change."""
        self.listened = False
        """Whether anybody listens to anything."""
        self._subscriptions: dict[Kind, tuple[_Subscription, ...]] = {}

    def subscribe(
        self, listener: Callable[[AnyEvent], object], *kinds: type[AnyEvent]
    ) -> Callable[[], None]:
        """Have ``listener`` called with each event of ``kinds``; none named are all of them.

        It is called in the event loop, between two steps of the cache, so it must be quick and
        can't be async. What it raises is counted in ``failures`` and logged once.

        Returns:
            What ends the subscription; calling it again does nothing.

        Raises:
            TypeError: The listener is async or can't be called, or a kind is none.
        """
        _check_listener(listener)
        wanted: tuple[Kind, ...] = tuple(dict.fromkeys(kinds or KINDS))
        for kind in wanted:
            if kind not in KINDS:
                names = ", ".join(known.__name__ for known in KINDS)
                raise TypeError(f"{kind!r} is no kind of event: choose from {names}")
        subscription = _Subscription(listener)
        self._replace({kind: (*self._of(kind), subscription) for kind in wanted})

        def unsubscribe() -> None:
            left = {
                kind: tuple(other for other in self._of(kind) if other is not subscription)
                for kind in wanted
            }
            self._replace(left)

        return unsubscribe

    def wants(self, kind: Kind) -> bool:
        """Tell whether anybody listens to ``kind``; only then is an event worth building."""
        return kind in self._subscriptions

    def emit(self, event: Event) -> None:
        """Tell the listeners, in the order in which they subscribed."""
        for subscription in self._of(type(event)):
            try:
                subscription.listener(event)
            except Exception:  # noqa: BLE001 - a listener is a guest, and the cache goes on
                self.failures += 1
                if not subscription.has_failed:
                    subscription.has_failed = True
                    _LOG.exception("a listener of the cache failed; its next failures are counted")

    def _of(self, kind: Kind) -> tuple[_Subscription, ...]:
        return self._subscriptions.get(kind, ())

    def _replace(self, changed: dict[Kind, tuple[_Subscription, ...]]) -> None:
        """Exchange whole tuples, so that an ``emit`` that is under way is not disturbed."""
        before = frozenset(self._subscriptions)
        merged = {**self._subscriptions, **changed}
        self._subscriptions = {kind: those for kind, those in merged.items() if those}
        self.listened = bool(self._subscriptions)
        after = frozenset(self._subscriptions)
        if after != before:
            self.on_change(after)


def _check_listener(listener: object) -> None:
    if not callable(listener):
        raise TypeError(f"a listener is a function of one event, not {listener!r:.80}")
    call = getattr(listener, "__call__", None)  # noqa: B004 - callable objects may be async too
    if inspect.iscoroutinefunction(listener) or inspect.iscoroutinefunction(call):
        raise TypeError(
            f"listener {listener!r:.80} is async: give a function that returns at once, such as"
            " a queue's put_nowait"
        )
