"""`bench prune`: what it says before and after, and of mistakes."""

import json
import sqlite3
from pathlib import Path

import pytest

from results.storage import space
from results.store import Store
from tests.results.exchange.full_runs import full_run
from tests.support.in_process import Done, call_bench


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where two runs have ended, `old` and `new`."""
    path = tmp_path_factory.mktemp("prune")
    with Store.open(f"sqlite:///{path}/results.db") as store:
        full_run(store, "old")
        full_run(store, "new")
    return path


def bench(folder: Path, *arguments: str) -> Done:
    """Call the command there."""
    return call_bench(folder, {"BENCH_RESULTS_URL": "sqlite:///results.db"}, *arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--keep"),
        (("--keep", "0"), "--keep 0: expected an age such as 90d, or a number of runs from 1"),
        (("--keep", "soon"), "--keep soon: expected an age"),
        (("--keep", "-3"), "--keep -3: expected an age"),
        (("--keep", "9" * 99), "expected an age"),
        (("--keep", "9" * 99 + "d"), "expected an age"),
        (("--keep", "9d", "--keep-summaries", "2d"), "--keep-summaries 2d is less than --keep 9d"),
        (("--keep", "9", "--keep-summaries", "2"), "swap them"),
    ],
)
def test_mistakes_are_one_line(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    """Nothing is pruned by them."""
    done = bench(folder, "prune", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_a_dry_run_prints_the_same_table(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And changes nothing; afterwards a report says what is gone."""
    keep = ("prune", "--keep", "1", "--keep-summaries", "90d")
    dry = bench(folder, *keep, "--dry-run")
    assert "1 run would lose what their figures were made of, 0 runs would lose" in dry.stdout
    told = json.loads(bench(folder, *keep, "--dry-run", "--json").stdout)
    assert (told["stripped"], told["removed"], told["dry_run"]) == (["old"], [], True)
    assert told["rows"]["intervals"] == 4
    assert bench(folder, "report", "old").stderr == ""
    done = bench(folder, *keep)
    assert done.stdout == dry.stdout.replace("would lose", "lost")
    assert max(map(len, done.stdout.splitlines())) <= 100
    report = bench(folder, "report", "old")
    assert report.returncode == 0
    assert "its figures are kept, its raw times are not" in report.stderr
    again = bench(folder, *keep)
    assert again.stdout.startswith("0 runs lost")


def test_a_file_that_is_in_use_keeps_its_size(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is a note, for what was pruned is pruned."""
    with Store.open(f"sqlite:///{folder}/results.db") as store:
        with store.database.write() as connection:
            connection.exec_driver_sql("UPDATE distributions SET histogram = zeroblob(2000000)")
        full_run(store, "newest")

    def locked(_: object) -> int:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(space, "_vacuum", locked)
    done = bench(folder, "prune", "--keep", "1")
    assert done.returncode == 0
    assert "the file keeps its size (database is locked)" in done.stderr
