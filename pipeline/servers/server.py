"""What every server of Redis or Valkey that Tierbench starts can do, and what it can suffer."""

from types import TracebackType
from typing import Any, Protocol, Self

import redis

from pipeline.errors import ServiceUnavailableError
from pipeline.servers.base import admin_client, wait_until

_SYNC_S = 10.0


class Server(Protocol):
    """A server of one's own on loopback: no password, one port for life, nothing left on disk.

    A durable one appends each write to a file before it answers, and leaves it to the system when
    the disk gets it: what was acknowledged outlives a SIGKILL of the server, not the machine's end.
    """

    @property
    def url(self) -> str:
        """Its URL once it was started."""

    @property
    def peer_address(self) -> tuple[str, int]:
        """Host and port at which another server of its kind reaches it."""

    def start(self) -> str:
        """Start it and wait until it answers; its URL."""

    def kill(self) -> None:
        """Kill it at once (SIGKILL)."""

    def restart(self, *, keep_data: bool = False) -> None:
        """Start it again at the same URL and wait until it answers; killed first where it runs.

        Args:
            keep_data: Whether it comes back with its data, as only a durable one can, or empty.
        """

    def pause(self) -> None:
        """Stop it from running; connections stay open and nothing is answered."""

    def resume(self) -> None:
        """Let it run on."""

    def stop(self) -> None:
        """End it in whatever state it is, and leave nothing behind; harmless when repeated."""

    def log(self) -> str:
        """The end of what it has logged."""

    def command(self, *words: str | int) -> Any:
        """Send one command and return its reply.

        Raises:
            ServiceUnavailableError: It does not answer, or refuses.
        """
        try:
            with admin_client(self.url) as client:
                return client.execute_command(*words)
        except redis.RedisError as error:
            raise ServiceUnavailableError(f"{words[0]} at {self.url}: {error}") from None

    def follow(self, primary: "Server") -> None:
        """Become the replica of another server, and wait until it has all of that one's data.

        Raises:
            ServiceUnavailableError: One of the two does not answer, or it takes too long.
        """
        self.command("REPLICAOF", *primary.peer_address)
        if not wait_until(self._follows, _SYNC_S):
            raise ServiceUnavailableError(f"{self.url} does not become {primary.url}'s replica")

    def lead(self) -> None:
        """Be nobody's replica any more, with the data that it has.

        Raises:
            ServiceUnavailableError: It does not answer.
        """
        self.command("REPLICAOF", "NO", "ONE")

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        self.stop()

    def _follows(self) -> bool:
        return bool(self.command("INFO", "replication")["master_link_status"] == "up")
