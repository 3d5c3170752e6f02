"""Messages that are none of ours are moved away before a worker trips over them."""

import json
import logging
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from dramatiq import Message

from pipeline.broker import make_broker, queue_length, send_job
from pipeline.letters import QUEUE, StrictBroker, fault_of
from tests.support.servers import EmbeddedRedis

NAMESPACE = "tierbench:dramatiq"


def a_message(**changes: Any) -> bytes:
    """One of our messages as it lies in the queue, but for these fields."""
    fields = {
        "queue_name": QUEUE,
        "actor_name": "run_job",
        "args": ["run-1-0000"],
        "kwargs": {},
        "options": {"redis_message_id": "m1"},
        "message_id": "m0",
        "message_timestamp": 1,
    }
    return json.dumps({**fields, **changes}).encode()


@pytest.fixture
def broker(own_redis: EmbeddedRedis) -> Iterator[StrictBroker]:
    """A broker on a server of the test's own."""
    made = make_broker(own_redis.url)
    assert isinstance(made, StrictBroker)
    yield made
    made.client.close()


def put(broker: StrictBroker, message_id: str, data: bytes, queue: str = QUEUE) -> None:
    """Put bytes into a queue as Dramatiq does."""
    broker.client.hset(f"{NAMESPACE}:{queue}.msgs", message_id, data)
    broker.client.rpush(f"{NAMESPACE}:{queue}", message_id)


def test_our_own_messages_are_kept() -> None:
    """Both kinds, as they are sent."""
    assert fault_of(a_message()) is None
    assert fault_of(a_message(actor_name="aggregate_run", args=["20261122-110259-k3f9"])) is None


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"\xff\x00 no json", "it is no message: b'"),
        (b"[]", "it is no message"),
        (b"[" * 4000, "it is no message"),
        (b"x" * 5000, "it has 5,000 bytes"),
        (a_message(queue_name="other"), "its queue is 'other'"),
        (a_message(actor_name="no_such_actor"), "its actor is 'no_such_actor'"),
        (a_message(actor_name=["run_job"]), "its actor is ['run_job']"),
        (a_message(args=[]), "its arguments are () and {}"),
        (a_message(args=["a", "b"]), "its arguments are ('a', 'b') and {}"),
        (a_message(args=["a\x00"]), "its arguments are ('a\\x00',) and {}"),
        (a_message(kwargs={"job_id": "b"}), "its arguments are"),
        (a_message(options={}), "its options are {}"),
        (a_message(options=None), "its options are None"),
        (
            a_message(options={"redis_message_id": "m1", "on_retry_exhausted": "run_job"}),
            "its options are",
        ),
        (a_message(options={"redis_message_id": []}), "its id in the queue is []"),
        (a_message(message_id={}), "its own id is {}"),
    ],
)
def test_what_is_wrong_is_told(data: bytes, fault: str) -> None:
    """In a few words, however much there is of it."""
    told = fault_of(data)
    assert told is not None
    assert told.startswith(fault)
    assert len(told) < 200


def test_poison_is_moved_to_the_dead_letters_and_the_rest_is_fetched(
    broker: StrictBroker, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with one line in the log; the consumer that met them goes on, and holds none."""
    monkeypatch.setattr(logging.getLogger("tierbench"), "propagate", True)
    poison = {"p1": b"\xff", "p2": a_message(actor_name="other"), "p3": b"\xff"}
    for message_id, data in poison.items():
        put(broker, message_id, data)
    put(broker, "p4", a_message(queue_name=f"{QUEUE}.DQ"), f"{QUEUE}.DQ")
    send_job(broker, "job-1")
    for queue in (QUEUE, f"{QUEUE}.DQ"):
        consumer = broker.consume(queue, prefetch=1, timeout=1)
        found = [message for message in islice(consumer, 8) if message is not None]
        for message in found:
            consumer.ack(message)
        assert [message.args for message in found] == ([("job-1",)] if queue == QUEUE else [])
    assert broker.client.hlen(f"{NAMESPACE}:{QUEUE}.XQ.msgs") == 4
    assert broker.client.hget(f"{NAMESPACE}:{QUEUE}.XQ.msgs", "p1") == b"\xff"
    assert queue_length(broker) == 0
    assert broker.client.keys(f"{NAMESPACE}:__acks__*") == []
    lines = [record.message for record in caplog.records]
    assert len(lines) == 4
    assert lines[0] == r"a message was moved to the dead letters: it is no message: b'\xff'"


def test_messages_that_are_sent_are_read_again(broker: StrictBroker) -> None:
    """What the check allows is what is sent."""
    send_job(broker, "run-1-0000")
    (data,) = broker.client.hvals(f"{NAMESPACE}:{QUEUE}.msgs")
    assert fault_of(data) is None
    assert Message.decode(data).args == ("run-1-0000",)
