"""The proxy's process: obeys orders, one a line, until whoever gives them is gone."""

import asyncio
import json
import socket
import sys
from typing import Any

from workers.proxy.conditions import Conditions
from workers.proxy.relay import Relay, Upstream


def main() -> None:
    """Serve; the first argument is the upstream, orders come through standard input, a socket."""
    asyncio.run(_serve(_upstream(json.loads(sys.argv[1]))))


async def _serve(upstream: Upstream) -> None:
    orders = socket.socket(fileno=sys.stdin.fileno())
    reader, writer = await asyncio.open_connection(sock=orders)
    relay = Relay(upstream)
    await relay.listen()
    writer.write(_line({"port": relay.port}))
    # The end of the orders is the end of their giver, by whatever death.
    while line := await reader.readline():
        order = json.loads(line)
        writer.write(_line({"number": order["number"], **await _obeyed(relay, order)}))


async def _obeyed(relay: Relay, order: dict[str, Any]) -> dict[str, Any]:
    try:
        if order["do"] == "add":
            await relay.add(order["name"], Conditions(**order["conditions"]))
        elif order["do"] == "remove":
            await relay.remove(order["name"])
        elif order["do"] == "lead_to":
            await relay.lead_to(_upstream(order["upstream"]))
    except (OSError, ValueError) as error:
        return {"error": str(error)}
    return {"state": relay.state()}


def _upstream(given: Any) -> Upstream:
    return given if isinstance(given, str) else (str(given[0]), int(given[1]))


def _line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer).encode() + b"\n"


if __name__ == "__main__":
    main()
