"""What a worker process does with messages once it was told to stop."""

import asyncio
import threading
from collections.abc import Iterator

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AsyncIO, Retries, Shutdown, ShutdownNotifications

from workers.leaving import Leaving


@pytest.fixture
def leaving() -> Leaving:
    """What is told to stop."""
    return Leaving()


@pytest.fixture
def broker(leaving: Leaving) -> Iterator[StubBroker]:
    """A broker in this process, with the middleware of a worker."""
    middleware = [AsyncIO(), leaving, ShutdownNotifications(), Retries(max_retries=0)]
    broker = StubBroker(middleware=middleware)  # type: ignore[no-untyped-call]  # Dramatiq's
    yield broker
    broker.close()


def test_what_is_in_hand_is_ended_and_waited_for(broker: StubBroker, leaving: Leaving) -> None:
    """Cleaning up may take longer than the one second that Dramatiq gives it."""
    begun = threading.Event()
    steps = []

    @dramatiq.actor(broker=broker, queue_name="jobs", notify_shutdown=True, throws=(Shutdown,))
    async def measure() -> None:
        with leaving.in_hand():
            begun.set()
            try:
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(1.2)
                steps.append("undone")

    worker = dramatiq.Worker(broker, worker_timeout=10, worker_threads=1)
    worker.start()
    measure.send()
    assert begun.wait(timeout=10)
    worker.stop(timeout=5_000)
    assert steps == ["undone"]
    (dead,) = broker.dead_letters
    assert "traceback" not in dead.options


def test_a_message_that_comes_after_the_word_to_stop_is_not_begun(broker: StubBroker) -> None:
    """Dramatiq tells only the thread of a message that is under way; the next would be killed."""
    begun = []

    @dramatiq.actor(broker=broker, queue_name="jobs")
    def note(name: str) -> None:
        begun.append(name)

    worker = dramatiq.Worker(broker, worker_timeout=10, worker_threads=1)
    worker.start()
    try:
        note.send("before")
        broker.join("jobs", timeout=10_000)
        broker.emit_before("worker_shutdown", worker)
        note.send("after")
        broker.join("jobs", timeout=10_000)
    finally:
        worker.stop()
    assert begun == ["before"]
