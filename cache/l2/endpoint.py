"""One server to connect to: where it is, who asks, and how the line is secured."""

from dataclasses import dataclass
from typing import Self

from coredis.connection import (
    BaseConnection,
    TCPConnection,
    TCPLocation,
    UnixDomainSocketConnection,
    UnixDomainSocketLocation,
)

from cache.address import ANONYMOUS, TLS, Credentials, L2Address
from cache.l2.tls import tls_context


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server's place, and what it has to be told first.

    Attributes:
        host: Its host; empty where it listens on a Unix socket.
        port: Its port.
        path: Its Unix socket.
        db: The number of the database.
        credentials: The user and password.
        tls: None speaks plainly.
    """

    host: str = ""
    port: int = 0
    path: str = ""
    db: int = 0
    credentials: Credentials = ANONYMOUS
    tls: TLS | None = None

    @classmethod
    def of(cls, address: L2Address, host: str = "", port: int = 0) -> Self:
        """Return a server of ``address``: its only one, or the one at ``host`` and ``port``."""
        if not host and address.hosts:
            host, port = address.hosts[0]
        return cls(host, port, address.path, address.db, address.credentials, address.tls)

    @classmethod
    def of_sentinel(cls, address: L2Address, host: str, port: int) -> Self:
        """Return a sentinel of ``address``."""
        return cls(host, port, credentials=address.sentinel_credentials, tls=address.tls)

    def __str__(self) -> str:
        return self.path or (f"[{self.host}]" if ":" in self.host else self.host) + f":{self.port}"

    def connection(self, connect_timeout_s: float) -> BaseConnection:
        """Return a connection not yet made.

        Raises:
            ConfigError: A file that TLS needs can't be read.
        """
        username, password = self.credentials.username, self.credentials.password
        if self.path:
            return UnixDomainSocketConnection(
                UnixDomainSocketLocation(self.path),
                connect_timeout=connect_timeout_s,
                username=username,
                password=password,
                db=self.db,
            )
        return TCPConnection(
            TCPLocation(self.host, self.port),
            connect_timeout=connect_timeout_s,
            username=username,
            password=password,
            db=self.db,
            ssl_context=None if self.tls is None else tls_context(self.tls),
        )
