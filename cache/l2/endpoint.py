"""One server to connect to: where it is, who asks, and how the line is secured."""

import ssl
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

from coredis.connection import (
    BaseConnection,
    TCPConnection,
    TCPLocation,
    UnixDomainSocketConnection,
    UnixDomainSocketLocation,
)

from cache.address import ANONYMOUS, TLS, Credentials, L2Address
from cache.errors import ConfigError

_VERIFY: Final = {
    "none": ssl.CERT_NONE,
    "optional": ssl.CERT_OPTIONAL,
    "required": ssl.CERT_REQUIRED,
}


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
            ssl_context=None if self.tls is None else _context(self.tls),
        )


def _context(tls: TLS) -> ssl.SSLContext:
    if tls.ca_certs or tls.certfile:
        # Read anew by each connection: certificates are replaced while a process runs.
        return _new_context(tls)
    return _kept_context(tls)


def _new_context(tls: TLS) -> ssl.SSLContext:
    try:
        is_folder = tls.ca_certs is not None and Path(tls.ca_certs).is_dir()
        context = ssl.create_default_context(
            cafile=None if is_folder else tls.ca_certs, capath=tls.ca_certs if is_folder else None
        )
        if tls.certfile is not None:
            context.load_cert_chain(tls.certfile, tls.keyfile)
    except OSError as error:
        raise ConfigError(f"l2_url names TLS files that can't be used: {error}") from None
    context.check_hostname = tls.check_hostname
    context.verify_mode = _VERIFY[tls.cert_reqs]
    return context


_kept_context = lru_cache(maxsize=8)(_new_context)
"""The system's authorities take a few milliseconds to read, too long for each new attempt."""
