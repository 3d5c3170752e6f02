"""Results databases to test on: every test that asks for `store` runs on SQLite and PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import make_url

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


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite results database to copy: making the tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "results.db"
    Store.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def store(results_url: str, empty_database: Path) -> Iterator[Store]:
    """An empty results database."""
    if results_url.startswith("sqlite"):
        path = Path(make_url(results_url).database or "")
        path.parent.mkdir()
        shutil.copy(empty_database, path)
    with Store.open(results_url) as opened:
        yield opened


@pytest.fixture
def sqlite_store(tmp_path: Path, empty_database: Path) -> Iterator[Store]:
    """An empty SQLite results database, for what does not depend on the database."""
    path = shutil.copy(empty_database, tmp_path / "results.db")
    with Store.open(f"sqlite:///{path}") as opened:
        yield opened


MakeStore = Callable[[], Store]


@pytest.fixture
def make_store(tmp_path: Path, empty_database: Path) -> Iterator[MakeStore]:
    """Makes empty SQLite results databases beside the test's own."""
    with ExitStack() as stack:

        def make() -> Store:
            path = tmp_path / f"{uuid4().hex}.db"
            shutil.copy(empty_database, path)
            return stack.enter_context(Store.open(f"sqlite:///{path}"))

        yield make
