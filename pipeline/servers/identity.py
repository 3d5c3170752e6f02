"""Which server a URL leads to, whoever asks there and in whatever words."""

from urllib.parse import unquote, urlsplit

from pipeline.servers.base import HOST
from pipeline.urls import redis_url

_PORT = 6379


def server_identity(url: str, variable: str = "l2_url") -> str:
    """The shortest URL of a server: the same for all of its URLs, and without secrets.

    User, password, database, options and TLS don't tell servers apart. Names are not looked up,
    but `localhost` is 127.0.0.1.

    Args:
        url: A Redis or Valkey URL.
        variable: Where it came from, for the error's text.

    Raises:
        SettingsError: It is not a URL of a Redis or Valkey server.
    """
    parts = urlsplit(redis_url(url, variable))
    if parts.scheme == "unix":
        return f"unix://{unquote(parts.path)}"
    host = unquote(parts.hostname or "localhost").lower()
    host = HOST if host == "localhost" else host
    shown = f"[{host}]" if ":" in host else host
    return f"redis://{shown}:{parts.port or _PORT}"
