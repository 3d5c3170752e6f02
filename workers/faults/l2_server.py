"""The server behind L2 as faults take hold of it: by its process, or by its commands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from pipeline.fault import Fault
from pipeline.servers import Server
from pipeline.servers.identity import server_identity
from workers.errors import FaultError
from workers.faults.ground import Ground, L2Ground

_CONNECT_S = 1.0
_TIMEOUT_S = 5.0


def breakable_l2(plan: Fault, ground: Ground) -> L2Ground:
    """The subject's L2, where its server may be changed as a whole.

    Raises:
        FaultError: There is none, or nobody has allowed that.
    """
    l2 = any_l2(plan, ground)
    if not l2.destructible:
        name = server_identity(l2.url)
        raise FaultError(
            f'{plan.kind}: others use {name} too; set l2_server = "own", or start the worker with '
            f"--allow-destructive {name}"
        )
    return l2


def any_l2(plan: Fault, ground: Ground) -> L2Ground:
    """The subject's L2, for a fault that touches nothing but the job's own keys.

    Raises:
        FaultError: There is none.
    """
    if ground.l2 is None:
        raise FaultError(f"{plan.kind}: the subject has no L2")
    return ground.l2


def process_of(plan: Fault, ground: Ground) -> Server:
    """The server that the job has started, which alone may be killed or stopped.

    Raises:
        FaultError: There is none, or it is somebody else's, whatever was allowed.
    """
    l2 = any_l2(plan, ground)
    if l2.server is None:
        raise FaultError(f'{plan.kind}: kills or stops a server, which needs l2_server = "own"')
    return l2.server


@asynccontextmanager
async def admin(url: str) -> AsyncIterator[Any]:
    """One connection to a server past any proxy, for its commands; nothing is tried twice.

    Args:
        url: Of the server.

    Yields:
        A `redis.asyncio.Redis`, whose own types don't know what most commands answer.

    Raises:
        FaultError: It does not answer, or refuses what nobody has caught.
    """
    client: Any = Redis.from_url(
        url,
        single_connection_client=True,
        socket_connect_timeout=_CONNECT_S,
        socket_timeout=_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        # Greeting the server by name would be three more commands of each look at it.
        protocol=2,
        driver_info=None,
    )
    try:
        async with client:
            yield client
    except RedisError as error:
        raise FaultError(f"{server_identity(url)}: {error}") from None


def mark_of(ground: Ground) -> str:
    """The name of the key by which faults see what a server does with a write.

    It lies beside the subject's own names, and is gone soon wherever nobody removes it.
    """
    return f"fault~{ground.namespace}"
