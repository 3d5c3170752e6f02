"""A proxy as its job sees it: started, told what to do to connections, stopped."""

import asyncio
import json
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import count
from types import TracebackType
from typing import Any, Self

from workers.errors import ServerError
from workers.proxy.conditions import Conditions
from workers.threads import run_to_end

_START_S = 10.0
_ANSWER_S = 5.0
_STOP_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyState:
    """What a proxy has seen so far.

    Args:
        open_connections: Connections that it keeps now.
        accepted: Connections that it has accepted since it was started.
        bytes_to_server: Bytes that it has handed on to the server.
        bytes_from_server: Bytes that it has handed on to clients.
    """

    open_connections: int
    accepted: int
    bytes_to_server: int
    bytes_from_server: int


class Proxy:
    """Stands in front of one server for as long as its `async with` lasts.

    It is a process of its own, which ends with this one by whatever death. Its `host` and `port`
    are known once it was started, and stay.

    Args:
        host: Of the server.
        port: Of the server.
        path: Of the server's Unix socket; then host and port say nothing.
    """

    def __init__(self, host: str = "", port: int = 0, *, path: str = "") -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self._upstream = path or (host, port)
        self._shown = path or f"{host}:{port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._numbers = count(1)
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Start it and wait until it listens.

        Raises:
            ServerError: It does not start.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._reader, self._writer = await asyncio.open_connection(sock=ours)
                await run_to_end(self._launch, theirs)
            self.port = int((await self._answer(_START_S))["port"])
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it and all of its connections."""
        await self._stop()

    async def add(self, name: str, conditions: Conditions) -> None:
        """Put something in force under a name; several may be at once.

        Raises:
            ServerError: The name is taken, or the proxy is gone.
        """
        await self._order("add", name=name, conditions=asdict(conditions))

    async def remove(self, name: str) -> None:
        """End what is in force under a name; all that is held back arrives.

        Raises:
            ServerError: The proxy is gone, or can't listen on its port again.
        """
        await self._order("remove", name=name)

    async def lead_to(self, host: str, port: int) -> None:
        """Lead new connections to another server, and cut those to the one before.

        Raises:
            ServerError: The proxy is gone.
        """
        await self._order("lead_to", upstream=(host, port))

    async def state(self) -> ProxyState:
        """What it has seen so far.

        Raises:
            ServerError: The proxy is gone.
        """
        return ProxyState(**(await self._order("say"))["state"])

    def _launch(self, orders: socket.socket) -> None:
        # A session of its own: Ctrl-C in the terminal reaches the owner alone, who stops it.
        self._process = subprocess.Popen(  # noqa: S603 - this package, run by this interpreter
            [sys.executable, "-P", "-m", "workers.proxy", json.dumps(self._upstream)],
            stdin=orders.fileno(),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    async def _order(self, do: str, **details: Any) -> dict[str, Any]:
        number = next(self._numbers)
        async with self._turn:
            if self._writer is not None:
                order = {"number": number, "do": do, **details}
                self._writer.write(json.dumps(order).encode() + b"\n")
            answer = await self._answer(_ANSWER_S)
            # What answers an order whose giver was cancelled is read by the next one.
            while answer["number"] != number:
                answer = await self._answer(_ANSWER_S)
        if "error" in answer:
            raise ServerError(f"the proxy in front of {self._shown}: {answer['error']}")
        return answer

    async def _answer(self, within_s: float) -> dict[str, Any]:
        line = b""
        if self._reader is not None:
            with suppress(OSError):  # A timeout is one of them.
                async with asyncio.timeout(within_s):
                    line = await self._reader.readline()
        if not line:
            raise ServerError(f"the proxy in front of {self._shown} does not answer")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _stop(self) -> None:
        writer, self._reader, self._writer = self._writer, None, None
        try:
            if writer is not None:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
        finally:
            await run_to_end(self._bury)

    def _bury(self) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
