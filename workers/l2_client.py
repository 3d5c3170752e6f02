"""The plain client by which a worker asks an L2 server about itself, beside the subject."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_S = 2.0


def l2_client(url: str) -> redis.Redis:
    """A client that answers texts, gives up soon and never tries twice; to be closed.

    Args:
        url: A Redis or Valkey URL.
    """
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=TIMEOUT_S,
        socket_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
        # Greeting the server by name would be three more commands of each look at it.
        protocol=2,
        driver_info=None,
    )
