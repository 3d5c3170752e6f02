"""Opens the results that are there, for commands that only read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from pipeline.settings import Settings, redact_url
from results.errors import StoreUnavailableError
from results.records import StoredRun
from results.store import Store


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


def missing_file(url: str) -> Path | None:
    """The SQLite file that `url` names and that does not exist; None for any other URL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return None
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    path = Path(parsed.database)
    return None if path.exists() else path


def find_run(store: Store, run_id: str | None) -> StoredRun:
    """The run that was asked for, or the latest.

    Raises:
        UnknownRunError: There is none.
    """
    return store.latest_run() if run_id is None else store.run(run_id)
