"""What a worker process does with messages once it was told to stop."""

from collections.abc import Iterator

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker

from workers.leaving import Leaving


@pytest.fixture
def broker() -> Iterator[StubBroker]:
    """A broker in this process."""
    broker = StubBroker(middleware=[Leaving()])  # type: ignore[no-untyped-call]  # Dramatiq's
    yield broker
    broker.close()


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
