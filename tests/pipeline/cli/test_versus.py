"""`bench compare`, `bench baseline` and `bench gate` over stored runs, in this process."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from results.attempt_result import Environment
from results.marks import exclude
from results.store import Store
from tests.results.versus.stored import history, measured
from tests.support.in_process import Done, call_bench

Call = Callable[..., Done]
OTHER = Environment(environment_class="8 cores", fingerprint={"cores": 8})


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve runs alike, a slow one, one of two subjects, one of another machine, one excluded."""
    path = tmp_path_factory.mktemp("versus") / "results.db"
    with Store.open(f"sqlite:///{path}") as store:
        history(store, [1.0, 1.01, 0.99, 1.0, 1.02, 0.99, 1.01, 1.0, 0.98, 1.01, 1.0, 1.0])
        both = {"subjects": ("multilevel", "null"), "factors": (1.0, 0.5)}
        measured(store, "slow", [1.3, 1.31, 1.29], at_s=99_000, labels={"side": "head"}, **both)
        measured(store, "other", [1.0, 1.0], at_s=99_001, environment=OTHER)
        measured(store, "noisy", [1.0], at_s=99_002)
        exclude(store, "noisy", "backup ran")
    return path


@pytest.fixture
def bench(stored: Path, tmp_path: Path) -> Call:
    """Calls the command on a copy of these runs."""
    path = shutil.copy(stored, tmp_path / "results.db")

    def call(*arguments: str) -> Done:
        environment = {"BENCH_RESULTS_URL": f"sqlite:///{path}"}
        return call_bench(tmp_path, environment, *arguments)

    return call


def test_compare_says_what_is_worse(bench: Call) -> None:
    """It exits with 3, in lines of at most 100 columns; what is the same is counted only."""
    done = bench("compare", "v12", "side=head")
    assert done.returncode == 3, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("basic_operations   A: commit v12   B: label side=head")
    slower = next(line for line in lines if line.startswith("p50_response_time_ms"))
    assert "1.29x (" in slower
    assert slower.rstrip().endswith("worse")
    assert not any(line.startswith("hit_ratio") for line in lines)
    assert "get times: B takes longer with probability 0.7" in done.stdout
    assert max(map(len, lines)) <= 100
    assert any("7 same; --all shows them" in line for line in lines)
    assert "series only label side=head has" in done.stdout


def test_compare_shows_everything_on_demand(bench: Call) -> None:
    """Also what has no better direction; nothing is worse, so it exits with 0."""
    done = bench("compare", "v11", "v12", "--all")
    assert done.returncode == 0
    for name in ("hit_ratio", "operations", "p50_response_time_ms", "get times"):
        assert any(line.startswith(name) for line in done.stdout.splitlines()), name


def test_compare_as_json(bench: Call) -> None:
    """The figures behind the table, whole distributions too."""
    told = json.loads(bench("compare", "v12", "slow", "--metric", "p50", "--json").stdout)
    (p50,) = told["metrics"]
    assert told["counts"]["worse"] == 1
    assert told["a"]["runs"] == ["run-12"]
    assert (p50["verdict"], p50["basis"]) == ("worse", "earlier runs")
    low, high = p50["ratio_interval"]
    assert 1.0 < low < 1.3 < high < 1.5
    times = json.loads(bench("compare", "v12", "slow", "--metric", "times", "--json").stdout)
    (of_get,) = times["metrics"]
    assert of_get["operation"] == "get"
    assert len(of_get["shift"]["ratios"]) == len(of_get["shift"]["percentiles"]) == 10


def test_subjects_beside_each_other(bench: Call) -> None:
    """In the run that measured both; the other way about what was better is worse."""
    assert bench("compare", "multilevel", "subject:null").returncode == 0
    assert bench("compare", "null", "multilevel").returncode == 3


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["compare", "v12", "other"], 4, "2 cores and 8 cores, and classes are never mixed"),
        (["compare", "v12", "v13"], 2, "did you mean v"),
        (["compare", "v12", "noisy"], 2, "run noisy is excluded (backup ran)"),
        (["compare", "v1", "run-01"], 2, "commit v1 and run run-01 are both run run-01"),
        (["compare", "v1", "v2", "--margin", "5"], 2, "--margin 5: expected a share such as 5%"),
        (["compare", "v1", "v2", "--metric", "p51"], 2, "no metric 'p51'"),
        (["compare", "v1", "v2", "--scenario", "x"], 4, "no figures of what was asked for"),
        (["gate"], 2, "there is no baseline to hold a run against: `bench baseline set main RUN`"),
        (["gate", "--baseline", "run-01", "--max-regression", "x%"], 2, "--max-regression x%:"),
        (["baseline", "set", "main", "noisy"], 2, "run noisy is excluded"),
        (["baseline", "rm", "main"], 2, "no baseline 'main': there are none yet"),
    ],
)
def test_mistakes_are_one_line(bench: Call, arguments: list[str], code: int, line: str) -> None:
    """What, where, and how to mend it."""
    done = bench(*arguments)
    assert done.returncode == code
    assert line in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_baselines_are_set_listed_and_removed(bench: Call) -> None:
    """By default it is the latest run."""
    assert bench("baseline", "list").stdout.startswith("no baselines yet")
    assert bench("baseline", "set", "main", "run-12").stdout == "baseline main is run run-12\n"
    again = bench("baseline", "set", "main", "run-11").stdout
    assert again == "baseline main is run run-11, in place of run run-12\n"
    (told,) = json.loads(bench("baseline", "list", "--json").stdout)["baselines"]
    assert (told["name"], told["run_id"], told["code_version"]) == ("main", "run-11", "v11")
    assert "v11" in bench("baseline", "list").stdout
    assert bench("baseline", "rm", "main").returncode == 0
    assert json.loads(bench("baseline", "list", "--json").stdout) == {"baselines": []}


def test_the_gate_stops_a_regression(bench: Call, tmp_path: Path) -> None:
    """Exit 3 against the only baseline, and a summary whose first line says it."""
    bench("baseline", "set", "before", "run-12")
    done = bench("gate", "slow", "--markdown", str(tmp_path / "summary.md"))
    assert done.returncode == 3
    assert done.stdout.startswith("regressed: run slow against baseline before")
    assert max(map(len, done.stdout.splitlines())) <= 100
    first = (tmp_path / "summary.md").read_text().splitlines()[0]
    assert first.startswith("**Regressed**: basic_operations throughput_ops_per_second is 2")
    told = json.loads(bench("gate", "slow", "--json").stdout)
    assert told["verdict"] == "regressed"
    assert {each["metric"] for each in told["metrics"]} >= {
        "throughput_ops_per_second",
        "errors",
        "hit_ratio",
    }


def test_the_gate_lets_what_is_unchanged_pass(bench: Call) -> None:
    """Exit 0 where the threshold is wider than the noise, 4 where it is finer."""
    against = ("gate", "v12", "--baseline", "v11")
    assert bench(*against, "--max-regression", "25%", "--metric", "p50").returncode == 0
    finer = bench(*against, "--max-regression", "0.5%", "--metric", "p50")
    assert finer.returncode == 4
    assert "the noise hides changes below" in finer.stdout
    assert "runs on each side" in finer.stdout


def test_of_several_baselines_one_is_named_main(bench: Call) -> None:
    """Without such a one the user has to say which; `main` is taken by itself."""
    bench("baseline", "set", "a", "run-11")
    bench("baseline", "set", "b", "run-12")
    done = bench("gate", "slow")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there are several baselines, a, b: name one with --baseline" in done.stderr
    bench("baseline", "set", "main", "run-10")
    assert "against baseline main" in bench("gate", "slow").stdout
