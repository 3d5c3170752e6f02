"""`bench detect` and `bench acknowledge` on stored histories, in this process."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from pipeline.cli.exits import ExitCode
from results.metrics import METRICS
from results.store import Store
from results.tables import kinds
from tests.support.histories import FIRST_S, store_history
from tests.support.in_process import Done, call_bench

QUICK = [1.0, 1.01, 0.99, 1.0, 1.02, 0.98, 1.0, 1.01, 0.99, 1.0]
SLOW = [value * 1.2 for value in QUICK]
P50, P95, RATE = "p50_response_time_ms", "p95_response_time_ms", "throughput_ops_per_second"


class Stored:
    """A folder with a results database, and the command in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder}/results.db"

    def keep(self, figures: dict[str, list[float]], **changes: Any) -> None:
        """Store a history, each metric a little apart: one that says the same is left out."""
        apart = {
            name: [value * (1 + place / 1000) for value in values]
            for place, (name, values) in enumerate(figures.items())
        }
        with Store.open(self.url) as store:
            store_history(store, apart, **changes)

    def __call__(self, *arguments: str) -> Done:
        """Call the command."""
        return call_bench(self.folder, {"BENCH_RESULTS_URL": self.url}, *arguments)

    def json(self, *arguments: str) -> dict[str, Any]:
        """What it prints with --json."""
        told: dict[str, Any] = json.loads(self(*arguments, "--json").stdout)
        return told


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without anything in it, to copy."""
    path = tmp_path_factory.mktemp("empty") / "results.db"
    Store.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def stored(tmp_path: Path, empty: Path) -> Iterator[Stored]:
    """A database of the test's own."""
    shutil.copy(empty, tmp_path / "results.db")
    return Stored(tmp_path)


def test_a_regression_exits_3_and_names_its_run(stored: Stored) -> None:
    """With the run and the version before, both levels, and how sure that is, in 100 columns."""
    stored.keep({P50: QUICK + SLOW, RATE: [1 / value for value in QUICK + SLOW]})
    done = stored("detect")
    assert done.returncode == ExitCode.FAILED
    assert "since run-11 (v11), after run-10 (v10)" in done.stdout
    assert "p50_response_time_ms" in done.stdout
    assert "+20.0%" in done.stdout
    assert "< 0.0001" in done.stdout
    assert "2 series: 2 worse" in done.stdout
    assert done.stdout.count("since run-11") == 1
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_json_tells_everything(stored: Stored) -> None:
    """Ratios, directions and the runs between which a change lies."""
    stored.keep({P50: QUICK + SLOW})
    told = stored.json("detect")
    (group,) = told["groups"]
    (change,) = group["changes"]
    assert (told["judged"], told["regressed"], told["min_change"]) == (1, True, 0.01)
    assert (group["run_id"], group["code_version"]) == ("run-11", "v11")
    assert change["last_before"] == {"run_id": "run-10", "code_version": "v10"}
    assert change["first_after"] == {"run_id": "run-11", "code_version": "v11"}
    assert change["ratio"] == pytest.approx(1.2)
    assert (change["worse"], change["fresh"], change["acknowledged"]) == (True, False, None)
    assert 0 < change["p"] < 1e-4


def test_what_got_better_or_stayed_exits_0(stored: Stored) -> None:
    """The first is shown, the second is said in a line."""
    stored.keep({P50: SLOW + QUICK, P95: QUICK + QUICK})
    done = stored("detect")
    assert done.returncode == ExitCode.GOOD
    assert "better" in done.stdout
    same = stored("detect", "--metric", "p95")
    assert (same.returncode, same.stdout.strip()) == (0, "1 series: no change")


def test_options_choose_what_is_judged(stored: Stored) -> None:
    """Metrics by pattern, dates, branches, labels, and the smallest change."""
    stored.keep({P50: QUICK + SLOW, RATE: QUICK + QUICK})
    assert stored("detect", "--metric", "p9*").returncode == ExitCode.ERROR
    assert stored("detect", "--metric", "p5*").returncode == ExitCode.FAILED
    assert stored("detect", "--metric", "through*").returncode == ExitCode.GOOD
    assert stored("detect", "--min-change", "25%").returncode == ExitCode.GOOD
    assert stored("detect", "--branch", "main").returncode == ExitCode.FAILED
    assert stored("detect", "--branch", "other").returncode == ExitCode.ERROR
    assert stored("detect", "--label", "release=2").returncode == ExitCode.ERROR
    assert stored("detect", "--until", "2026-06-01T12:00Z").returncode == ExitCode.UNKNOWN
    assert stored("detect", "--since", "2026-06-06T12:00Z").returncode == ExitCode.GOOD


def test_acknowledged_changes_raise_no_alarm(stored: Stored) -> None:
    """By id or version, those of the metrics that were meant; --all shows them, --undo forgets."""
    stored.keep({P50: QUICK + SLOW, P95: QUICK + SLOW})
    done = stored("acknowledge", "v11", "--reason", "checksums", "--metric", "p50")
    assert done.returncode == 0
    assert "known from now on: 1 change" in done.stdout
    assert "p95" not in done.stdout
    assert stored("detect").returncode == ExitCode.FAILED
    assert stored("acknowledge", "run-12", "--reason", "checksums").returncode == 0
    known = stored("detect")
    assert known.returncode == ExitCode.GOOD
    assert known.stdout.strip() == "2 series: 2 known"
    assert "known: checksums" in stored("detect", "--all").stdout
    undone = stored.json("acknowledge", "run-11", "--undo", "--metric", "p95")
    assert [each["metric"] for each in undone["changes"]] == [P95]
    assert stored("detect").returncode == ExitCode.FAILED


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["run-11"], "--reason is missing"),
        (["run-11", "--reason", " "], "--reason is missing"),
        (["run-3", "--reason", "x"], "nothing has changed at run-3"),
        (["run-11", "--undo"], "no known change at run-11"),
        (["run-99", "--reason", "x"], "no run 'run-99'"),
        (["run-11", "--reason", "x", "--metric", "p50x"], "no metric 'p50x'"),
    ],
)
def test_mistakes_are_told_in_a_line(stored: Stored, arguments: list[str], line: str) -> None:
    """With the exit code of a usage error."""
    stored.keep({P50: QUICK + SLOW})
    done = stored("acknowledge", *arguments)
    assert done.returncode == ExitCode.USAGE
    assert done.stderr.startswith("bench: ")
    assert line in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_is_known_already_is_told(stored: Stored) -> None:
    """A second acknowledgement would hide whose reason counts."""
    stored.keep({P50: QUICK + SLOW})
    assert stored("acknowledge", "v11", "--reason", "checksums").returncode == 0
    assert "known already" in stored("acknowledge", "v11", "--reason", "other").stderr


def test_an_empty_database_is_an_error(stored: Stored) -> None:
    """With what to do; as is one whose file is not there."""
    done = stored("detect")
    assert (done.returncode, done.stdout) == (ExitCode.ERROR, "")
    assert "bench run quick" in done.stderr
    (stored.folder / "results.db").unlink()
    assert "bench run quick" in stored("detect").stderr


def test_a_single_run_is_not_judged(stored: Stored) -> None:
    """Exit code 4, and how many runs are wanted."""
    stored.keep({P50: [1.0], P95: [1.0]})
    done = stored("detect")
    assert done.returncode == ExitCode.UNKNOWN
    assert "2 series are not judged: a change shows from 6 runs on" in done.stderr
    assert "the longest of them has 1" in done.stderr
    assert [each["runs"] for each in stored.json("detect")["too_short"]] == [1, 1]


def test_figures_in_another_unit_are_left_out(stored: Stored) -> None:
    """They are told in a line, and are no change of a thousand times."""
    stored.keep({P50: [value * 1_000 for value in QUICK]}, prefix="old")
    with Store.open(stored.url) as store, store.database.write() as connection:
        connection.execute(update(kinds).values(unit="us"))
    stored.keep({P50: QUICK})
    done = stored("detect", "--metric", "p50")
    assert (done.returncode, done.stdout.strip()) == (0, "1 series: no change")
    assert "was once stored in us and is in ms now" in done.stderr


def test_a_clock_that_went_backwards_is_told(stored: Stored) -> None:
    """A run that was stored before its commit was made; the order is that of commits."""
    stored.keep({P50: QUICK}, changes={3: {"code_committed_at": FIRST_S + 1e7}})
    done = stored("detect")
    assert done.returncode == ExitCode.GOOD
    assert "run-4 (v4) was stored before the commit that was measured" in done.stderr


def test_last_runs_that_lie_off_are_shown(stored: Stored) -> None:
    """A line for all metrics of the run: they are one event."""
    stored.keep({P50: [*QUICK, 2.0], P95: [*QUICK, 3.0]})
    done = stored("detect")
    assert done.returncode == ExitCode.GOOD
    assert done.stdout.count("unconfirmed") == 1
    assert "unconfirmed: basic_operations, multilevel, at run-11 (v11):" in done.stdout
    assert "p95_response_time_ms 3 ms, not 1 ms, and 1 more metric;" in done.stdout
    assert "2 more runs will tell" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_many_changes_do_not_flood(stored: Stored) -> None:
    """Six metrics of a run and ten runs; --all shows all."""
    names = [name for name in METRICS if "response_time_ms" in name][:8]
    stored.keep(dict.fromkeys(names, QUICK + SLOW))
    done = stored("detect")
    assert "2 more metrics changed: --all" in done.stdout
    everything = stored("detect", "--all").stdout
    assert [name for name in names if name not in everything] == []
    for number in range(11):
        stored.keep({P50: QUICK + SLOW}, runs_too=False, scenario=f"scenario-{number}")
    assert "2 more runs with changes: --all" in stored("detect").stdout
