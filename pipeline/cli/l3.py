"""Asks the L3 database whether it answers."""

from typing import Any

from sqlalchemy import URL, create_engine, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from pipeline.errors import ServiceUnavailableError, SettingsError
from pipeline.settings import redact_url
from pipeline.urls import redact_mistake

# libpq gives each address of a host as long, and localhost has two.
_TIMEOUT_S = 2
_POSTGRESQL = {"postgres", "postgresql", "postgresql+psycopg"}
_SQLITE = {"sqlite", "sqlite+aiosqlite"}


def check_l3(text: str) -> None:
    """Connect and ask for nothing; the answer is there within 5 seconds.

    Args:
        text: The URL of caches' third tier.

    Raises:
        ServiceUnavailableError: It does not answer, or refuses.
        SettingsError: It is the URL of nothing that can be an L3.
    """
    url, arguments = _driver(text)
    engine = create_engine(url, connect_args=arguments)
    try:
        with engine.connect() as connection:
            connection.execute(select(1))
    except SQLAlchemyError as error:
        raise ServiceUnavailableError(
            f"L3 at {redact_url(text)} does not answer (tried SELECT 1: {_reason(error, url)}); "
            "start its server, or check BENCH_L3_URL"
        ) from None
    finally:
        engine.dispose()


def _driver(text: str) -> tuple[URL, dict[str, Any]]:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingsError(
            f"BENCH_L3_URL={redact_mistake(text)}: not a URL of a database"
        ) from None
    if url.drivername in _POSTGRESQL:
        return url.set(drivername="postgresql+psycopg"), {"connect_timeout": _TIMEOUT_S}
    if url.drivername in _SQLITE:
        return url.set(drivername="sqlite"), {"timeout": _TIMEOUT_S}
    raise SettingsError(
        f"BENCH_L3_URL={redact_url(text)}: expected sqlite:///PATH or postgresql://..."
    )


def _reason(error: SQLAlchemyError, url: URL) -> str:
    """What the driver said, unless that holds the password."""
    said = " ".join(str(getattr(error, "orig", None) or "").split())
    password = str(url.password or "")
    return type(error).__name__ if not said or (password and password in said) else said
