"""The broker: Redis or Valkey through Dramatiq, set up so that no message decides a job's fate.

The results database says which jobs have no live claim, so a message is never retried by the
broker, may be lost or repeated, and carries an id alone.
"""

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Retries, ShutdownNotifications, TimeLimit
from redis.backoff import NoBackoff
from redis.retry import Retry

from pipeline.errors import ServiceUnavailableError, SettingsError
from pipeline.letters import AGGREGATE_RUN, QUEUE, RUN_JOB, StrictBroker
from pipeline.scenario import MAX_DEADLINE_S
from pipeline.urls import redact_url, redis_url

TIMEOUT_S = 2.0
"""How long a broker may take to accept a connection, and then to answer."""

_NAMESPACE = "tierbench:dramatiq"
_HEARTBEAT_TIMEOUT_MS = 15_000
# Maintenance runs on so many of a million commands: on one in fifty, an idle worker's polling
# finds a dead one's messages within seconds instead of many minutes.
_MAINTENANCE_CHANCE = 20_000
_DEAD_MESSAGE_TTL_MS = 3_600_000
# A job's own deadline lies inside its coroutine; this one is only for a coroutine that is stuck.
_TIME_LIMIT_MS = (MAX_DEADLINE_S + 60) * 1000


def make_broker(url: str) -> RedisBroker:
    """A broker that connects when it is first used.

    Workers add `AsyncIO` to its middleware themselves.

    Args:
        url: A Redis or Valkey URL.

    Raises:
        SettingsError: The URL is of another kind of server.
    """
    return StrictBroker(  # type: ignore[no-untyped-call]  # Dramatiq leaves it untyped
        client=_client(redis_url(url, "BENCH_BROKER_URL")),
        middleware=[
            TimeLimit(time_limit=_TIME_LIMIT_MS),
            ShutdownNotifications(),
            Retries(max_retries=0),
        ],
        namespace=_NAMESPACE,
        maintenance_chance=_MAINTENANCE_CHANCE,
        heartbeat_timeout=_HEARTBEAT_TIMEOUT_MS,
        dead_message_ttl=_DEAD_MESSAGE_TTL_MS,
    )


def ping(url: str, *, what: str = "broker", variable: str = "BENCH_BROKER_URL") -> None:
    """Ask a server whether it answers; the answer is there within 5 seconds.

    Args:
        url: A Redis or Valkey URL.
        what: What the server is for, for the error's text.
        variable: The setting that holds its URL, for the error's text.

    Raises:
        ServiceUnavailableError: It does not answer, or refuses.
        SettingsError: The URL is of another kind of server, or has an option that is not known.
    """
    try:
        with _client(redis_url(url, variable)) as client:
            client.ping()
    except TypeError as error:
        # That is how the client says that it does not know an option of the URL.
        name = str(error).rpartition(" ")[2]
        raise SettingsError(f"{variable}={redact_url(url)}: unknown option {name}") from None
    except (redis.RedisError, OSError, ValueError) as error:
        raise _unavailable(what, url, variable, "PING", error) from None


def send_job(broker: RedisBroker, job_id: str) -> None:
    """Ask some worker to do a job.

    Raises:
        ServiceUnavailableError: The broker did not take the message.
    """
    _send(broker, RUN_JOB, job_id)


def send_aggregation(broker: RedisBroker, run_id: str) -> None:
    """Ask some worker to aggregate a run.

    Raises:
        ServiceUnavailableError: The broker did not take the message.
    """
    _send(broker, AGGREGATE_RUN, run_id)


def queue_length(broker: RedisBroker) -> int:
    """Messages that no worker has fetched yet.

    Raises:
        ServiceUnavailableError: The broker does not answer.
    """
    try:
        return int(broker.client.llen(f"{_NAMESPACE}:{QUEUE}"))
    except (redis.RedisError, OSError) as error:
        raise _unavailable("broker", _url_of(broker), "BENCH_BROKER_URL", "LLEN", error) from None


def _send(broker: RedisBroker, actor: str, argument: str) -> None:
    message: dramatiq.Message[None] = dramatiq.Message(
        queue_name=QUEUE, actor_name=actor, args=(argument,), kwargs={}, options={}
    )
    try:
        broker.enqueue(message)
    except (redis.RedisError, OSError) as error:
        raise _unavailable("broker", _url_of(broker), "BENCH_BROKER_URL", actor, error) from None


def _client(url: str) -> "redis.Redis":
    # The client's own default retries with growing pauses, past the 5 s that a user should wait.
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=TIMEOUT_S,
        socket_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )


def _url_of(broker: RedisBroker) -> str:
    where = broker.client.connection_pool.connection_kwargs
    if "path" in where:
        return f"unix://{where['path']}"
    return f"redis://{where.get('host')}:{where.get('port')}/{where.get('db', 0)}"


def _unavailable(
    what: str, url: str, variable: str, tried: str, error: Exception
) -> ServiceUnavailableError:
    where = f"the {what} at {redact_url(url)}"
    if isinstance(error, redis.AuthenticationError):
        return ServiceUnavailableError(
            f"{where} refuses the login (tried {tried}); "
            f"write user and password in {variable}: redis://USER:PASSWORD@HOST:PORT/0"
        )
    reason = str(error).strip().rstrip(".") or type(error).__name__
    if isinstance(error, redis.ResponseError):
        return ServiceUnavailableError(f"{where} refuses {tried}: {reason}; check {variable}")
    return ServiceUnavailableError(
        f"{where} does not answer (tried {tried}: {reason}); "
        f"start a Redis or Valkey server there or set {variable}"
    )
