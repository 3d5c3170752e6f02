"""Checks the tiers' URLs before anything connects, and names them without their passwords."""

from typing import Final
from urllib.parse import SplitResult, urlsplit

from cache.errors import ConfigError

_L2_SCHEMES: Final = ("redis", "rediss", "unix")
_L3_SCHEMES: Final = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def check_l2_url(url: str) -> None:
    """Raise ``ConfigError`` unless ``url`` names a Redis or Valkey server."""
    parts = _split("l2_url", url)
    if parts.scheme not in _L2_SCHEMES:
        raise ConfigError(
            f"l2_url has the scheme {parts.scheme!r}: give redis://host:6379/0, "
            "rediss:// for TLS, or unix:///path/to/socket"
        )
    place = parts.path if parts.scheme == "unix" else parts.hostname
    if not place:
        raise ConfigError(f"l2_url {redacted(url)!r} names no server: give redis://host:6379/0")


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


def async_l3_url(url: str) -> str:
    """Return ``url`` with the asyncio driver of its database."""
    scheme, _, rest = url.partition("://")
    return f"{_L3_SCHEMES[scheme]}://{rest}"


def redacted(url: str) -> str:
    """Return ``url`` without user, password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _split(name: str, url: str) -> SplitResult:
    # `from None`: the parser's own error quotes the address, and with it the password.
    try:
        parts = urlsplit(url)
        _ = parts.port
    except (ValueError, AttributeError, TypeError):
        raise ConfigError(f"{name} is not a URL: check its brackets and its port") from None
    return parts
