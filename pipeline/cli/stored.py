"""Opens the results that are there, for commands that only read."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from pipeline.settings import Settings, redact_url
from results.errors import StoreUnavailableError
from results.records import StoredRun
from results.store import Store

_LEAST_FREE_BYTES = 64 << 10


class NoResultsError(StoreUnavailableError):
    """There is no results database yet."""


@contextmanager
def existing_store(settings: Settings) -> Iterator[Store]:
    """The results database, open; reading never makes an empty one.

    Raises:
        NoResultsError: It is an SQLite file that does not exist.
        StoreUnavailableError: It can't be opened.
    """
    if missing_file(settings.results_url) is not None:
        raise NoResultsError(
            f"no results yet in {redact_url(settings.results_url)}; "
            "run `bench run quick` here, or set BENCH_RESULTS_URL"
        )
    with Store.open(settings.results_url) as store:
        yield store


def sqlite_file(url: str) -> Path | None:
    """The SQLite file that `url` names; None for any other URL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return None
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database)


def missing_file(url: str) -> Path | None:
    """The SQLite file that `url` names and that does not exist; None for any other URL."""
    path = sqlite_file(url)
    return None if path is None or path.exists() else path


def check_space(url: str) -> None:
    """Make sure that the disk of an SQLite file takes more; other databases look after theirs.

    Workers wait for room, as for any outage; who started them can say so and stop.

    Raises:
        StoreUnavailableError: The disk is full.
    """
    path = sqlite_file(url)
    if path is None or not path.parent.exists():
        return
    if shutil.disk_usage(path.parent).free < _LEAST_FREE_BYTES:
        raise StoreUnavailableError(
            f"no space left on the disk of {path}; free some, or set BENCH_RESULTS_URL"
        )


def find_run(store: Store, run_id: str | None) -> StoredRun:
    """The run that was asked for, or the latest.

    Raises:
        UnknownRunError: There is none.
    """
    return store.latest_run() if run_id is None else store.run(run_id)
