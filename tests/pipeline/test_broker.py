"""The broker: messages by name, and a dead server told in time and in one line."""

import socket
import time
from collections.abc import Iterator

import pytest
import redis
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Retries, TimeLimit

from pipeline import broker as brokers
from pipeline.errors import ServiceUnavailableError, SettingsError
from pipeline.letters import QUEUE
from pipeline.scenario import MAX_DEADLINE_S
from tests.support.servers import EmbeddedRedis, free_port

TOLD_WITHIN_S = 5


@pytest.fixture
def broker(own_redis: EmbeddedRedis) -> Iterator[RedisBroker]:
    """A broker on a server of the test's own."""
    made = brokers.make_broker(own_redis.url)
    yield made
    made.client.close()


def _fetch(broker: RedisBroker) -> Message[None]:
    broker.declare_queue(QUEUE)
    consumer = broker.consume(QUEUE, prefetch=1, timeout=50)
    message = next(filter(None, consumer))
    consumer.ack(message)
    return message._message


def test_messages_carry_an_actors_name_and_one_id(broker: RedisBroker) -> None:
    """A worker finds its actor by name; the sender imports none."""
    brokers.send_job(broker, "job-1")
    brokers.send_aggregation(broker, "run-1")

    first, second = _fetch(broker), _fetch(broker)

    assert (first.actor_name, first.args, first.kwargs) == ("run_job", ("job-1",), {})
    assert (second.actor_name, second.args) == ("aggregate_run", ("run-1",))


def test_the_queue_is_as_long_as_what_nobody_fetched(broker: RedisBroker) -> None:
    """A fetched message counts no more."""
    for number in range(3):
        brokers.send_job(broker, f"job-{number}")
    assert brokers.queue_length(broker) == 3
    _fetch(broker)
    assert brokers.queue_length(broker) == 2


def test_no_message_is_retried_and_no_job_is_cut_short(broker: RedisBroker) -> None:
    """The results database retries lost jobs; every allowed deadline fits in the time limit."""
    by_kind = {type(middleware): middleware for middleware in broker.middleware}
    assert by_kind[Retries].max_retries == 0
    assert by_kind[TimeLimit].time_limit > MAX_DEADLINE_S * 1000
    assert not any("Prometheus" in kind.__name__ for kind in by_kind)


def test_messages_of_a_dead_consumer_come_back(own_redis: EmbeddedRedis) -> None:
    """Once its heartbeat is old, another consumer's polling requeues what it held."""
    dead, alive = brokers.make_broker(own_redis.url), brokers.make_broker(own_redis.url)
    with dead.client, alive.client:
        dead.heartbeat_timeout = alive.heartbeat_timeout = 1
        alive.maintenance_chance = 1_000_000
        brokers.send_job(dead, "job-1")
        held = dead.consume(QUEUE, prefetch=1, timeout=50)
        assert next(filter(None, held)).args == ("job-1",)

        assert _fetch(alive).args == ("job-1",)


def test_ping_is_silent_where_the_server_answers(own_redis: EmbeddedRedis) -> None:
    """Nothing to tell is nothing told."""
    brokers.ping(own_redis.url)


def test_a_dead_broker_is_told_in_time_and_in_one_line() -> None:
    """The line has the URL without its password, what was tried and how to mend it."""
    url = f"redis://me:hunter2@127.0.0.1:{free_port()}/0"
    start_s = time.monotonic()
    with pytest.raises(ServiceUnavailableError) as raised:
        brokers.ping(url)
    told = str(raised.value)
    assert time.monotonic() - start_s < TOLD_WITHIN_S
    assert redact(url) in told
    assert "PING" in told
    assert "BENCH_BROKER_URL" in told
    assert "hunter2" not in told
    assert "\n" not in told


def test_a_broker_that_hangs_is_told_in_time(own_redis: EmbeddedRedis) -> None:
    """A stopped server accepts connections and answers nothing."""
    made = brokers.make_broker(own_redis.url)
    own_redis.pause()
    start_s = time.monotonic()
    try:
        with made.client, pytest.raises(ServiceUnavailableError, match="does not answer"):
            brokers.send_job(made, "job-1")
    finally:
        own_redis.resume()
    assert time.monotonic() - start_s < TOLD_WITHIN_S


def test_a_server_of_another_kind_is_told(own_redis: EmbeddedRedis) -> None:
    """Something else that listens there is no broker."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(ServiceUnavailableError, match="does not answer"):
            brokers.ping(f"redis://127.0.0.1:{port}/0")


def test_a_refused_password_is_told(own_redis: EmbeddedRedis) -> None:
    """A server that refuses is as useless as a dead one, and its reason is in the line."""
    with redis.Redis.from_url(own_redis.url) as client:
        client.config_set("requirepass", "right")
    with pytest.raises(ServiceUnavailableError, match="refuses the login"):
        brokers.ping(own_redis.url)


def test_rabbitmq_is_not_claimed() -> None:
    """Only brokers that a test runs are supported."""
    with pytest.raises(SettingsError, match="expected one of redis://"):
        brokers.make_broker("amqp://guest:guest@127.0.0.1")


def redact(url: str) -> str:
    """The URL as the line shows it."""
    return url.replace("hunter2", "***")


def test_an_option_that_nobody_knows_is_told() -> None:
    """A URL's mistaken option is named, in one line and without the password."""
    with pytest.raises(SettingsError) as raised:
        brokers.ping("redis://:hunter2@127.0.0.1:1/0?nonsense=1")
    told = "BENCH_BROKER_URL=redis://:***@127.0.0.1:1/0?nonsense=1: unknown option 'nonsense'"
    assert str(raised.value) == told
