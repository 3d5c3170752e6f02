"""Results databases to test on: every test that asks for `store` runs on SQLite and PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from results.store import Store
from tests.support.postgres import database_of


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def results_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a results database that holds nothing yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/bench/results.db"
        return
    with database_of(request.getfixturevalue("postgresql_server")) as url:
        yield url


@pytest.fixture
def store(results_url: str) -> Iterator[Store]:
    """An empty results database."""
    with Store.open(results_url) as opened:
        yield opened


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """An empty SQLite results database, for what does not depend on the database."""
    with Store.open(f"sqlite:///{tmp_path}/results.db") as opened:
        yield opened
