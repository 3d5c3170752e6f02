"""Addresses of results databases: read from a URL, and shown without their password."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from results.errors import StoreUnavailableError

_SECRETS = ("password", "sslpassword")
_POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")


def parse(url: str) -> URL:
    """The URL with the driver that is used for it.

    Raises:
        StoreUnavailableError: It is no URL of a database that can keep results.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text itself is not shown: a URL that can't be read may hold a password anywhere.
        raise StoreUnavailableError(
            "the results database's URL can't be read; "
            "write sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE"
        ) from None
    if parsed.drivername in _POSTGRESQL:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise StoreUnavailableError(
            f"results can't be kept in {parsed.drivername}; "
            "use sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE"
        )
    if parsed.database in (None, "", ":memory:"):
        raise StoreUnavailableError(
            "a results database in memory would be lost; write sqlite:///PATH"
        )
    return parsed


def shown(url: URL) -> str:
    """The URL as people may see it."""
    hidden = {key: "***" for key in url.query if key in _SECRETS}
    shown_driver = url.drivername.partition("+")[0]
    return (
        url.set(drivername=shown_driver)
        .update_query_dict(hidden)
        .render_as_string(hide_password=True)
    )


def make_folder(url: URL) -> None:
    """Make the folder of an SQLite file.

    Raises:
        StoreUnavailableError: It can't be made.
    """
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith("file:"):
        return
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailableError(
            f"the results database's folder {folder} can't be made ({error.strerror}); "
            "choose another with BENCH_RESULTS_URL"
        ) from None
