"""`bench export` and `bench import`: files, stdout and stdin, and what is said of mistakes."""

import io
import json
import sys
from pathlib import Path

import pytest
from sqlalchemy import update

from results.storage import database
from results.store import Store
from results.tables import jobs, summaries
from tests.results.build import a_job, plan
from tests.results.exchange.full_runs import full_run
from tests.support.in_process import Done, call_bench


class Place:
    """A folder with results of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.url = f"sqlite:///{folder / 'results.db'}"

    def __call__(self, *arguments: str, **environment: str) -> Done:
        """Call the command there."""
        return call_bench(self.folder, {"BENCH_RESULTS_URL": self.url, **environment}, *arguments)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Where two runs have ended, `run-1` and `run-2`; for reading only."""
    place = Place(tmp_path_factory.mktemp("here"))
    with Store.open(place.url) as store:
        full_run(store, "run-1")
        full_run(store, "run-2", labels={"which": "second"})
    return place


@pytest.fixture
def there(tmp_path: Path) -> Place:
    """Another folder, where there are no results yet."""
    return Place(tmp_path / "there")


@pytest.mark.parametrize("name", ["runs.jsonl", "runs.parquet", "runs.NDJSON"])
def test_runs_go_through_a_file(here: Place, there: Place, name: str) -> None:
    """Its ending says the format; the second import adds nothing."""
    path = there.folder / name
    done = here("export", "-o", str(path))
    assert (done.returncode, done.stdout) == (0, "")
    assert "2 runs with" in done.stderr
    assert f"rows exported to {path}, without files" in done.stderr
    assert [each.name for each in there.folder.iterdir()] == [name]
    assert there("import", name).stdout.startswith("2 runs imported, ")
    assert there("import", name).stdout == "0 runs imported, 0 rows; 2 there already\n"
    assert json.loads(there("report", "run-1").stdout) == json.loads(here("report", "run-1").stdout)


def test_runs_go_through_a_pipe(here: Place, there: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stdout has the export alone; `-` reads it."""
    done = here("export", "--label", "which=second")
    assert "1 run with" in done.stderr
    piped = io.BufferedReader(io.BytesIO(done.stdout.encode()))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(piped))
    told = json.loads(there("import", "-", "--json").stdout)
    assert (told["imported"], told["there_already"]) == (["run-2"], 0)
    assert told["rows"]["runs"] == 1


def test_an_open_run_is_left_out_with_a_note(there: Place) -> None:
    """And an export without runs is said to be one."""
    with Store.open(there.url) as store:
        plan(store, [a_job("open")])
    said = there("export", "-o", "x.jsonl")
    assert said.returncode == 0
    assert "left out, for they still go on: open (1 in all)" in said.stderr
    assert "no run that has ended is like that; an empty export was written" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("export", "--format", "parquet"), 2, "--format parquet needs a file: -o runs.parquet"),
        (("export", "-o", "runs.csv"), 2, "end it in .jsonl or .parquet, or add --format"),
        (("export", "-o", "."), 2, "is a folder"),
        (("export", "--run", "none"), 2, "no run 'none'; the newest are run-2, run-1"),
        (("export", "--since", "soon"), 2, "--since soon: expected an age"),
        (("export", "--label", "x"), 2, "--label x"),
        (("import", "none.jsonl"), 1, "none.jsonl can't be written or read: No such file"),
        (("import", "-", "-"), 2, "- is given twice"),
        (("import", "results.db"), 1, "results.db is no export of Tierbench"),
    ],
)
def test_mistakes_are_one_line(
    here: Place, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """What, where, and how to mend it; no file is left behind."""
    done = here(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert said in done.stderr
    assert {each.name.partition(".")[0] for each in here.folder.iterdir()} == {"results"}


def test_without_pyarrow_it_is_said_how_to_get_it(
    here: Place, there: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For writing and for reading."""
    assert here("export", "-o", str(there.folder / "runs.parquet")).returncode == 0
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for done in (here("export", "-o", "x.parquet"), there("import", "runs.parquet")):
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "Parquet needs pyarrow: pip install 'tierbench[parquet]'" in done.stderr


def test_a_file_that_is_damaged_leaves_an_older_one(here: Place, there: Place) -> None:
    """An export replaces a file whole, and an import of a part is none."""
    path = there.folder / "runs.jsonl"
    here("export", "-o", str(path))
    good = path.read_bytes()
    path.write_bytes(good[:-90])
    done = there("import", "runs.jsonl")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "runs.jsonl, line" in done.stderr
    assert "nothing was imported" in done.stderr
    here("export", "-o", str(path))
    assert path.read_bytes() == good


def test_an_imported_run_is_not_resumed(here: Place, there: Place, redis_url: str) -> None:
    """One line says why."""
    here("export", "-o", str(there.folder / "runs.jsonl"))
    there("import", "runs.jsonl")
    done = there("resume", "run-1", BENCH_BROKER_URL=redis_url)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "run run-1 was imported, and the files of its jobs are not here" in done.stderr


def test_a_locked_database_is_one_line(
    here: Place, there: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who holds it is waited for, and then named as the cause."""
    here("export", "-o", str(there.folder / "runs.jsonl"))
    monkeypatch.setattr(database, "_BUSY_TIMEOUT_S", 0.05)
    with Store.open(there.url) as holder, holder.database.write():
        done = there("import", "runs.jsonl")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "is locked by another process" in done.stderr


def test_a_terminal_obeys_no_name_that_was_imported(there: Place) -> None:
    """Whoever sends a file chooses the names in it, and what is said of it here."""
    with Store.open(there.url) as store:
        full_run(store, "run-1", labels={"a": "\x1b[31m"})
        with store.database.write() as connection:
            connection.execute(update(jobs).values(scenario="\x1b]0;title\x07s", reason="\x9b31m"))
            connection.execute(update(summaries).values(scenario="\x1b]0;title\x07s"))
    there("export", "-o", "runs.jsonl")
    asked = ("status", "run-1"), ("trends", "p50"), ("report", "--format", "md"), ("mark", "run-1")
    for said in (there(*each) for each in asked):
        assert said.returncode == 0
        assert said.stdout
        assert not {"\x1b", "\x07", "\x9b"} & {*said.stdout, *said.stderr}
    path = there.folder / "runs.jsonl"
    odd = path.read_text().replace('"job_id":"run-1-0"', '"job_id":"\\u001b[31m"')
    path.write_text(odd.replace('"state":"completed"', '"state":"queued"'))
    assert "job [31m has not ended" in there("import", "runs.jsonl").stderr
