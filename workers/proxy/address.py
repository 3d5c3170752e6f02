"""URLs of servers that a proxy stands in front of."""

from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from workers.proxy.control import Proxy

_PORTS = {"redis": 6379, "rediss": 6379, "postgres": 5432, "postgresql": 5432}


def proxy_of(url: str) -> Proxy:
    """A proxy, not yet started, in front of the server that a URL names.

    Args:
        url: `redis://`, `rediss://`, `unix://` or `postgresql://` (with any driver).
    """
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return Proxy(path=unquote(parts.path))
    port = parts.port or _PORTS[parts.scheme.partition("+")[0]]
    return Proxy(unquote(parts.hostname or "127.0.0.1"), port)


def proxied_url(url: str, proxy: Proxy) -> str:
    """The same URL through a started proxy: who asks, database and options stay.

    TLS stays from end to end. The certificate is for the server's name, so that a check of the
    host's name fails on the way through a proxy.

    Args:
        url: Of the server; a Unix socket becomes a port.
        proxy: Stands in front of it.
    """
    parts = urlsplit(url)
    user, at, _ = parts.netloc.rpartition("@")
    place = f"{user}{at}{proxy.host}:{proxy.port}"
    if parts.scheme != "unix":
        return parts._replace(netloc=place).geturl()
    options = dict(parse_qsl(parts.query))
    database = options.pop("db", "0")
    query = f"?{urlencode(options)}" if options else ""
    return f"redis://{place}/{quote(database)}{query}"
