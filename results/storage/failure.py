"""A database's failure as one line: what failed, where, and how to mend it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from results.errors import StoreUnavailableError

_REMEDIES = (
    ("readonly", "is read-only; make its file and folder writable, or set BENCH_RESULTS_URL"),
    ("read-only", "is read-only; write to the primary, or set BENCH_RESULTS_URL"),
    ("full", "has no space left; free some on its disk, or set BENCH_RESULTS_URL"),
    ("no space", "has no space left; free some on its disk, or set BENCH_RESULTS_URL"),
    ("locked", "is locked by another process; end the one that holds it, then try again"),
    ("lock timeout", "is locked by another session; end the one that holds it, then try again"),
    ("not a database", "is no SQLite database; move that file away, or set BENCH_RESULTS_URL"),
    ("malformed", "is damaged; restore it from a copy, or move it away"),
    ("unable to open", "can't be opened; check its path and rights, or set BENCH_RESULTS_URL"),
    ("password authentication", "refuses the user or password; check BENCH_RESULTS_URL"),
    ("does not exist", "lacks what the URL names; create it, or check BENCH_RESULTS_URL"),
    ("permission denied", "denies this user; grant it the rights to create and write tables"),
    ("connection option", "has an option that is not known; check BENCH_RESULTS_URL"),
    ("refused", "does not answer; start its server, or check BENCH_RESULTS_URL"),
    ("timeout", "does not answer; start its server, or check BENCH_RESULTS_URL"),
    ("resolve", "has a host that is not known; check BENCH_RESULTS_URL"),
)
# What the driver calls an error of the program, and is one of the database's user.
_NOT_OUR_MISTAKE = ("permission denied", "invalid connection option")
_OTHERWISE = "does not work; check it, or set BENCH_RESULTS_URL"


@contextmanager
def one_clear_line(where: str) -> Iterator[None]:
    """Turn a failure of the database in the body into a StoreUnavailableError.

    Args:
        where: The database's URL without its password.

    Raises:
        StoreUnavailableError: The database failed.
    """
    try:
        yield
    except PoolTimeoutError:
        raise StoreUnavailableError(f"the results database {where} {_OTHERWISE}") from None
    except sqlite3.Error as error:
        # What is raised while a connection is set up comes as the driver raised it.
        raise StoreUnavailableError(_line(where, error)) from None
    except DBAPIError as error:
        if _is_our_mistake(error):
            raise
        # Neither the statement nor the driver's chain is shown: they may hold a password.
        raise StoreUnavailableError(_line(where, error.orig)) from None


def _is_our_mistake(error: DBAPIError) -> bool:
    if isinstance(error, ProgrammingError):
        return not any(sign in str(error.orig) for sign in _NOT_OUR_MISTAKE)
    return isinstance(error, (IntegrityError, DataError))


def _line(where: str, error: BaseException | None) -> str:
    said = " ".join(str(error).split())
    remedy = next((text for sign, text in _REMEDIES if sign in said.lower()), _OTHERWISE)
    return f"the results database {where} {remedy} (it said: {said})"
