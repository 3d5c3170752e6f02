"""`bench history` and `bench mark` on a made history."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, update

from results.store import Store
from results.tables import kinds, runs
from tests.support.in_process import Done, call_bench
from tests.support.made_history import MadeHistory


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with twelve runs, slower from the ninth on; to copy."""
    path = tmp_path_factory.mktemp("made") / "results.db"
    with Store.open(f"sqlite:///{path}") as store:
        MadeHistory(runs=12, repeats=2, slower_from=9, slower=2.0).fill(store)
    return path


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A folder whose results are that history."""
    (tmp_path / ".bench").mkdir()
    shutil.copy(made, tmp_path / ".bench" / "results.db")
    return tmp_path


def bench(folder: Path, *arguments: str) -> Done:
    """The command in that folder."""
    return call_bench(folder, {}, *arguments)


def answer(folder: Path, *arguments: str) -> dict:
    """What it answers to programs."""
    done = bench(folder, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def changing(folder: Path) -> Iterator[Connection]:
    """A transaction that changes what is stored."""
    url = f"sqlite:///{folder}/.bench/results.db"
    with Store.open(url) as store, store.database.write() as connection:
        yield connection


def test_any_percentile_by_run(folder: Path) -> None:
    """A row a run, with its version and how many times it stands on."""
    told = answer(folder, "history", "p42.5")
    assert (told["metric"], told["percentile"]) == ("p42_5_response_time_ms", 42.5)
    (series,) = told["series"]
    assert [period["code_versions"] for period in series["periods"]][:2] == [["v1"], ["v2"]]
    assert series["periods"][0]["operations"] == 2 * 2 * 800
    assert series["periods"][-1]["value"] > 1.5 * series["periods"][0]["value"]
    table = bench(folder, "history", "p42.5").stdout
    assert "v012-run" in table
    assert max(map(len, table.splitlines())) <= 100


def test_what_it_was_at_a_date(folder: Path) -> None:
    """Beside what it is now, with the change."""
    newest = answer(folder, "history", "p50", "--last", "1")["series"][0]["periods"][0]
    told = answer(folder, "history", "p50", "--at", "2025-10-05")["series"][0]
    assert told["then"]["code_versions"] == ["v8"]
    assert told["now"] == newest
    assert 1.7 < told["ratio"] < 2.3
    text = bench(folder, "history", "p50", "--at", "2025-10-05").stdout
    assert "by 2025-10-05 " in text
    assert f"{told['ratio'] - 1:+.1%}" in text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["p50", "--at", "2020-01-01"], 1, "nothing was measured by 2020-01-01"),
        (["p50", "--scenario", "basic_operation"], 2, "basic_operations"),
        (["p50", "--operation", "set"], 1, "none is of this operation"),
        (["hit_ratio", "--scenario", "stampede"], 1, "bench run stampede"),
        (["p101"], 2, "p0 to p100"),
        (["p50", "--at", "yesterday"], 2, "2026-11-23"),
    ],
)
def test_what_is_not_there_is_one_line(
    folder: Path, arguments: list[str], code: int, said: str
) -> None:
    """What, where, and the next thing to do."""
    done = bench(folder, "history", *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert said in done.stderr


def test_a_clock_that_went_backwards_is_told_once(folder: Path) -> None:
    """However many runs were stored before the commit that they measured."""
    with changing(folder) as connection:
        connection.execute(update(runs).values(created_at=1000.0))
    done = bench(folder, "trends", "p50")
    assert done.stderr.count("\n") == 1
    assert "12 runs, v001-run (v1) first, were stored before the commit" in done.stderr


def test_runs_that_take_no_part_are_not_called_missing(folder: Path) -> None:
    """Where all of them are excluded it says where they can be seen."""
    for number in range(1, 13):
        assert bench(folder, "mark", f"v{number:03}", "--exclude", "moved").returncode == 0
    done = bench(folder, "history", "p50")
    assert done.stderr == (
        "bench: no run with p50_response_time_ms takes part; `bench trends` shows why not\n"
    )
    assert "x0.01" in bench(folder, "trends", "p50").stdout


def test_a_metric_that_was_stored_in_another_unit_is_named(folder: Path) -> None:
    """By each command, also where that leaves nothing to compare."""
    with changing(folder) as connection:
        of_p50 = kinds.c.name == "p50_response_time_ms"
        connection.execute(update(kinds).where(of_p50).values(unit="us"))
    for arguments, code in (
        (["trends", "p50"], 1),
        (["compare", "v1", "v2", "--metric", "p50"], 4),
        (["gate", "v2", "--baseline", "v1", "--metric", "p50"], 4),
        (["detect"], 0),
        (["compare", "v1", "v2"], 0),
    ):
        done = bench(folder, *arguments)
        assert "once stored in us and is in ms now" in done.stderr, arguments
        assert done.returncode in {code, 3}, arguments


def test_a_run_is_marked_and_told(folder: Path) -> None:
    """Labels, a note, and an exclusion that leaves the run visible."""
    marked = answer(
        folder, "mark", "v003", "--label", "host=a", "--note", "hot day", "--exclude", "swapping"
    )
    assert marked["labels"] == {"release": "1.0", "host": "a"}
    assert [note["text"] for note in marked["notes"]] == ["hot day"]
    assert marked["excluded"] == "swapping"
    runs = [p["runs"] for p in answer(folder, "history", "p50")["series"][0]["periods"]]
    assert ["v003-run"] not in runs
    listed = {run["run_id"]: run["excluded"] for run in answer(folder, "status")["runs"]}
    assert (listed["v003-run"], listed["v004-run"]) == ("swapping", None)
    assert "completed, excluded" in bench(folder, "status").stdout
    table = bench(folder, "mark", "v003", "--include", "--unlabel", "host").stdout
    assert "hot day" in table
    assert "swapping" not in table
    assert "host" not in table


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["v003", "--exclude", "a", "--include"], "contradict"),
        (["v003", "--exclude", " "], "say why"),
        (["v003", "--note", "a\x1b[31mb"], "can't be printed"),
        (["v003", "--label", "a"], "KEY=VALUE"),
        (["v0"], "several runs"),
    ],
)
def test_marks_that_say_nothing_are_refused(folder: Path, arguments: list[str], said: str) -> None:
    """Exit 2, one line, and nothing is marked."""
    done = bench(folder, "mark", *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert said in done.stderr
