"""The job's own L3: made as the scenario asks, and gone at the end."""

import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from pipeline.fault import Fault, FaultKind
from pipeline.load import ClosedLoad
from pipeline.scenario import JobSpec, Phase
from tests.workers.scenarios import a_spec
from workers import own_l3 as module
from workers.errors import InvalidAttemptError
from workers.own_l3 import own_l3

SHARED = "sqlite:///shared.db"


def job(l3_server: str, *kinds: FaultKind) -> JobSpec:
    """A job with such an L3 and these faults."""
    faults = tuple(Fault(kind=kind, at_s=0.0, duration_s=1.0) for kind in kinds)
    phase = Phase(name="load", load=ClosedLoad(operations=1), faults=faults)
    return a_spec(phase, l3_server=l3_server)


async def test_a_shared_one_is_left_alone(tmp_path: Path) -> None:
    """The subject gets the worker's L3, and faults get nothing."""
    async with own_l3(job("shared"), SHARED, tmp_path) as made:
        assert made == (None, SHARED)
    assert _is_empty(tmp_path)


async def test_an_sqlite_file_of_its_own_goes_with_it(tmp_path: Path) -> None:
    """It lies in the attempt's folder, with what SQLite puts beside it, until an error ends all."""
    with pytest.raises(KeyError):
        await _use_and_raise(tmp_path)
    assert _is_empty(tmp_path)


async def test_statements_are_hooked_where_a_fault_needs_it(tmp_path: Path) -> None:
    """An attempt whose faults are others is measured with sqlite3's own connections."""
    for kind, hooked in (("l3_locked", False), ("l3_slow", True), ("l3_pool", True)):
        async with own_l3(job("own", kind), SHARED, tmp_path) as (ground, _):
            assert ground is not None
            assert (ground.statements is not None) is hooked


async def test_missing_programs_make_it_invalid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where PostgreSQL is not installed the attempt is invalid, and says how to mend that."""
    monkeypatch.setattr(module, "find_programs", lambda: None)
    with pytest.raises(InvalidAttemptError, match="apt-get install postgresql"):
        async with own_l3(job("own_postgresql"), SHARED, tmp_path):
            pass


@pytest.mark.postgresql
async def test_a_postgresql_server_of_its_own_goes_with_it(tmp_path: Path) -> None:
    """The subject reaches it through a proxy where a fault needs one; both end."""
    async with own_l3(job("own_postgresql", "l3_slow"), SHARED, tmp_path) as (ground, url):
        assert ground is not None
        assert ground.proxy is not None
        assert urlsplit(url).port == ground.proxy.port != urlsplit(ground.url).port
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    for gone in (url, ground.url):
        with pytest.raises(psycopg.OperationalError, match="refused"):
            psycopg.connect(gone)
    assert _is_empty(tmp_path)


async def _use_and_raise(folder: Path) -> None:
    async with own_l3(job("own"), SHARED, folder) as (ground, url):
        assert ground is not None
        assert ground.path is not None
        assert ground.url == url
        assert folder in ground.path.parents
        connection = sqlite3.connect(ground.path)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE a (b)")
        assert not _is_empty(folder)
        connection.close()
        raise KeyError


def _is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())
