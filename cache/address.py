"""Checks the tiers' URLs before anything connects, and names them without their passwords.

    redis://[user:password@]host[:port][/db]       rediss:// for TLS
    unix://[user:password@]/path/to/socket[?db=n]
    redis+sentinel://[user:password@]host:port,host:port/service[/db]
    redis+cluster://[user:password@]host:port,host:port

Nothing here imports a client: settings are checked in processes that never connect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from cache.errors import ConfigError

L2Kind = Literal["server", "socket", "sentinel", "cluster"]

_L2_KINDS: Final[Mapping[str, L2Kind]] = MappingProxyType(
    {
        "redis": "server",
        "rediss": "server",
        "unix": "socket",
        "redis+sentinel": "sentinel",
        "rediss+sentinel": "sentinel",
        "redis+cluster": "cluster",
        "rediss+cluster": "cluster",
    }
)
_L2_PORT: Final = 6379
_SENTINEL_PORT: Final = 26379
_TLS_OPTIONS: Final = frozenset(
    {"ssl_ca_certs", "ssl_cert_reqs", "ssl_certfile", "ssl_check_hostname", "ssl_keyfile"}
)
_CERT_REQS: Final = ("required", "optional", "none")
_L3_SCHEMES: Final = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks; without a password nothing is said."""

    username: str | None = None
    password: str | None = field(default=None, repr=False)


ANONYMOUS: Final = Credentials()


@dataclass(frozen=True, slots=True)
class TLS:
    """How a server's certificate is checked, and what is shown to it. Files are in PEM.

    Attributes:
        ca_certs: A file or folder of the authorities that are trusted; else the system's are.
        cert_reqs: ``none`` takes any certificate, and then checks no name either.
        check_hostname: Whether the certificate must be for the host of the URL.
        certfile: The client's own certificate.
        keyfile: The key that belongs to it.
    """

    ca_certs: str | None = None
    cert_reqs: str = "required"
    check_hostname: bool = True
    certfile: str | None = None
    keyfile: str | None = None


@dataclass(frozen=True, slots=True)
class L2Address:
    """What an L2 URL says.

    Attributes:
        kind: What is found there.
        hosts: Host and port of the server, the sentinels, or some of the cluster's nodes.
        path: The Unix socket.
        service: The name under which the sentinels know the master.
        db: The number of the database.
        credentials: The user and password of the servers.
        sentinel_credentials: The same for the sentinels themselves.
        tls: None speaks plainly.
    """

    kind: L2Kind
    hosts: tuple[tuple[str, int], ...] = ()
    path: str = ""
    service: str = ""
    db: int = 0
    credentials: Credentials = ANONYMOUS
    sentinel_credentials: Credentials = ANONYMOUS
    tls: TLS | None = None


def check_l2_url(url: str) -> None:
    """Raise ``ConfigError`` unless ``url`` names Redis or Valkey servers."""
    parse_l2_url(url)


def parse_l2_url(url: str) -> L2Address:
    """Return what an L2 URL says.

    Options that the cache does not know are another client's business, but a mistaken one of TLS
    would leave a connection less safe than it looks.

    Raises:
        ConfigError: It names no server, or a part of it makes no sense.
    """
    parts = _split("l2_url", url)
    kind = _L2_KINDS.get(parts.scheme)
    if kind is None:
        raise ConfigError(
            f"l2_url has the scheme {parts.scheme!r}: give redis://host:6379/0, rediss:// for TLS, "
            "unix:///path/to/socket, redis+sentinel://host:26379/service, or "
            "redis+cluster://host:6379"
        )
    if parts.fragment or "@" in parts.path + parts.query:
        # A parser takes a password's / ? and # for an end, and its rest for another part.
        raise ConfigError("l2_url is not a URL: write / ? # @ in a user or password as %2F %3F ...")
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    user, _, place = parts.netloc.rpartition("@")
    path = [unquote(step) for step in parts.path.split("/") if step]
    address = L2Address(
        kind=kind,
        hosts=_hosts(place, _SENTINEL_PORT if kind == "sentinel" else _L2_PORT),
        path=unquote(parts.path) if kind == "socket" else "",
        service=path.pop(0) if kind == "sentinel" and path else "",
        db=_db(options.get("db", "/".join(path) if kind != "socket" else "")),
        credentials=_credentials(user, options),
        sentinel_credentials=Credentials(
            options.get("sentinel_username"), options.get("sentinel_password")
        ),
        tls=_tls(options) if parts.scheme.startswith("rediss") else None,
    )
    _check_place(address, redacted(url))
    return address


def check_l3_url(url: str) -> None:
    """Raise ``ConfigError`` unless ``url`` names a database that several connections share."""
    parts = _split("l3_url", url)
    if parts.scheme not in _L3_SCHEMES:
        raise ConfigError(
            f"l3_url has the scheme {parts.scheme!r}: give sqlite:///path/to/file.db or "
            "postgresql://user@host/database"
        )
    if parts.scheme.startswith("sqlite") and parts.path in {"", "/", "/:memory:"}:
        raise ConfigError("l3_url names no file: give sqlite:///path/to/file.db")
    _check_port("l3_url", parts.netloc.rpartition("@")[2])


def async_l3_url(url: str) -> str:
    """Return ``url`` with the asyncio driver of its database."""
    scheme, _, rest = url.partition("://")
    return f"{_L3_SCHEMES[scheme]}://{rest}"


def redacted(url: str) -> str:
    """Return ``url`` without user, password and query.

    A password whose ``/``, ``?`` or ``#`` was not percent-encoded goes too, although a parser of
    URLs would take what follows for a path.
    """
    scheme, _, rest = url.partition("://")
    place = rest.rpartition("@")[2]
    return f"{scheme}://{place.partition('?')[0].partition('#')[0]}"


def _split(name: str, url: str) -> SplitResult:
    # `from None`: the parser's own error quotes the address, and with it the password.
    try:
        return urlsplit(url)
    except (ValueError, AttributeError, TypeError):
        raise ConfigError(f"{name} is not a URL: check its brackets and its port") from None


def _check_port(name: str, place: str) -> None:
    try:
        _ = urlsplit(f"//{place}").port
    except ValueError:
        raise ConfigError(f"{name} is not a URL: check its brackets and its port") from None


def _hosts(place: str, port: int) -> tuple[tuple[str, int], ...]:
    hosts = []
    for one in filter(None, place.split(",")):
        _check_port("l2_url", one)
        parts = urlsplit(f"//{one}")
        if parts.hostname:
            hosts.append((unquote(parts.hostname), parts.port or port))
    return tuple(hosts)


def _db(text: str) -> int:
    if not text:
        return 0
    if not text.isdecimal():
        raise ConfigError("l2_url names a database that is not a number: give redis://host:6379/0")
    return int(text)


def _credentials(user: str, options: Mapping[str, str]) -> Credentials:
    username, _, password = user.partition(":")
    return Credentials(
        unquote(username) or options.get("username"), unquote(password) or options.get("password")
    )


def _tls(options: Mapping[str, str]) -> TLS:
    unknown = {name for name in options if name.startswith("ssl")} - _TLS_OPTIONS
    if unknown:
        raise ConfigError(
            f"l2_url has the unknown option {', '.join(sorted(unknown))}: "
            f"choose from {', '.join(sorted(_TLS_OPTIONS))}"
        )
    cert_reqs = options.get("ssl_cert_reqs", "required")
    if cert_reqs not in _CERT_REQS:
        raise ConfigError(f"ssl_cert_reqs of l2_url: choose from {', '.join(_CERT_REQS)}")
    wants_name = options.get("ssl_check_hostname", "true").lower() not in {"false", "0", "no"}
    if bool(options.get("ssl_certfile")) != bool(options.get("ssl_keyfile")):
        raise ConfigError("l2_url gives one of ssl_certfile and ssl_keyfile: give both or none")
    return TLS(
        ca_certs=options.get("ssl_ca_certs"),
        cert_reqs=cert_reqs,
        check_hostname=wants_name and cert_reqs != "none",
        certfile=options.get("ssl_certfile"),
        keyfile=options.get("ssl_keyfile"),
    )


def _check_place(address: L2Address, shown: str) -> None:
    if not (address.path if address.kind == "socket" else address.hosts):
        raise ConfigError(f"l2_url {shown!r} names no server: give redis://host:6379/0")
    if address.kind == "server" and len(address.hosts) > 1:
        raise ConfigError(
            f"l2_url {shown!r} names several servers: give redis+sentinel:// or redis+cluster://"
        )
    if address.kind == "sentinel" and not address.service:
        raise ConfigError(
            f"l2_url {shown!r} names no service: give redis+sentinel://host:26379/service"
        )
    if address.kind == "cluster" and address.db:
        raise ConfigError(f"l2_url {shown!r} names a database: a cluster has only database 0")
