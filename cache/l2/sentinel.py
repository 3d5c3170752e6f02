"""Asks sentinels where the master of a service is now.

It is asked anew for each connection, so the first reconnection after a failover finds the new
master. A sentinel that was cut off may still name the old one: what most of them say counts.
"""

from typing import Any

from cache.address import L2Address
from cache.errors import ConfigError, TierError
from cache.l2.election import most_said
from cache.l2.endpoint import Endpoint
from cache.l2.link import Link
from cache.tier import CONNECT_TIMEOUT_S


async def master_of(address: L2Address) -> Endpoint:
    """Return the master that most of the sentinels name.

    Args:
        address: The sentinels, and the name of the service.

    Raises:
        ConfigError: They know no such service.
        TierError: None of them answers.
    """
    try:
        place = await most_said(_ask(address, host, port) for host, port in address.hosts)
    except TierError as error:
        raise TierError(f"no sentinel names a master: {error}") from None
    if place is None:
        raise ConfigError(f"the sentinels of l2_url know no service {address.service!r}")
    return Endpoint.of(address, *place)


async def _ask(address: L2Address, host: str, port: int) -> tuple[str, int] | None:
    link = Link(Endpoint.of_sentinel(address, host, port), CONNECT_TIMEOUT_S)
    try:
        await link.open()
        answer: list[Any] | None = await link.ask(
            b"SENTINEL", b"GET-MASTER-ADDR-BY-NAME", address.service
        )
    finally:
        await link.close()
    return None if answer is None else (answer[0].decode(), int(answer[1]))
