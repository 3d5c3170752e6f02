"""A user's mistakes: one line that says what, where and how to mend it, and the right exit code."""

from pathlib import Path

import pytest

from tests.pipeline.cli.conftest import SMALL, MakeBench
from tests.support.command import Bench

PASSWORD = "s3cret-word"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "quik"], "quick"),
        (["run", "no/such.toml"], "no/such.toml"),
        (["run", "small.toml", "--set", "operation=5"], "operations"),
        (["run", "small.toml", "--set", "operations=few"], "integer"),
        (["run", "small.toml", "--set", "operations"], "KEY=VALUE"),
        (["run", "small.toml", "--label", "x"], "KEY=VALUE"),
        (["run", "small.toml", "--subject", "multilevl"], "multilevel"),
        (["run", "small.toml", "--report-file", "."], "folder"),
        (["run", "trace_replay", "--set", "trace=gone.trace"], "gone.trace"),
        (["enqueue", "small.toml", "--report-file", "r.json"], "--wait"),
        (["scenarios", "basic_operation"], "basic_operations"),
        (["run", "/dev/zero"], "regular file"),
        (["enqueue", "--type", "lod"], "'--type': 'lod' is not one of 'integration'"),
        (["rnu"], "'run'"),
        (["run", "--workers", "0"], "bench run --help"),
        (["doctor", "--repeat", "4"], "--noise"),
        (["doctor", "--noise", "--repeat", "3"], "bench doctor --help"),
    ],
)
def test_one_line_names_the_mistake(
    bench: Bench, small: str, arguments: list[str], said: str
) -> None:
    """Exit 2, one line on stderr, nothing written."""
    done = bench(*arguments)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert not (bench.folder / ".bench").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["trends", "throughputs", "--json"], "throughput_ops_per_second"),
        (["trends", "throughput", "--scenario", "smal"], "small"),
        (["trends", "throughput", "--since", "soon"], "30d"),
        (["report", "19991231"], "19991231"),
        (["status", "19991231"], "19991231"),
        (["status", "--watch", "--json"], "--json"),
    ],
)
def test_questions_about_what_is_not_there(
    two_runs: Bench, arguments: list[str], said: str
) -> None:
    """Unknown metrics, scenarios and runs: exit 2, the nearest names."""
    done = two_runs(*arguments)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


def test_a_broken_scenario_file_is_told_by_file_and_key(bench: Bench) -> None:
    """The user finds the place."""
    name = bench.write("broken.toml", SMALL.replace("users = 2", 'users = "two"'))
    done = bench("run", name)
    assert done.returncode == 2
    assert "broken.toml" in done.stderr
    assert "users" in done.stderr


@pytest.mark.parametrize("command", ["status", "report", "trends"])
def test_reading_without_results_makes_no_database(bench: Bench, command: str) -> None:
    """It says what to run first."""
    done = bench(command, *(["throughput"] if command == "trends" else []))
    assert done.returncode == 1
    assert "no results yet" in done.stderr
    assert "bench run quick" in done.stderr
    assert not (bench.folder / ".bench").exists()


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        (["enqueue", "small.toml"], {"BENCH_BROKER_URL": f"redis://u:{PASSWORD}@127.0.0.1:1/0"}),
        (["worker"], {"BENCH_BROKER_URL": f"redis://u:{PASSWORD}@127.0.0.1:1/0"}),
        (
            ["run", "small.toml", "--services", "urls"],
            {"BENCH_BROKER_URL": f"redis://u:{PASSWORD}@127.0.0.1:1/0"},
        ),
        (
            ["run", "small.toml"],
            {"BENCH_RESULTS_URL": f"postgresql://u:{PASSWORD}@127.0.0.1:1/results"},
        ),
        (
            ["run", "small.toml"],
            {"BENCH_L3_URL": f"postgresql://u:{PASSWORD}@127.0.0.1:1/l3"},
        ),
        (["status"], {"BENCH_RESULTS_URL": f"postgresql://u:{PASSWORD}@127.0.0.1:1/results"}),
    ],
)
def test_a_url_that_does_not_answer_is_named_without_its_password(
    make_bench: MakeBench, arguments: list[str], variables: dict[str, str]
) -> None:
    """Exit 1 soon, which one, nothing half-written, the password nowhere."""
    bench = make_bench(**variables)
    bench.write("small.toml", SMALL)
    done = bench(*arguments)
    assert done.returncode == 1, done.stderr
    assert "127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr
    assert PASSWORD not in done.stderr + done.stdout
    assert not any((bench.folder / ".bench").glob("*"))
    assert not _holds(bench.folder, PASSWORD)


def test_a_database_that_can_not_be_made_is_said(make_bench: MakeBench) -> None:
    """The folder, the system's word for it, and what to set; nobody was started for nothing."""
    bench = make_bench(BENCH_RESULTS_URL="sqlite:////dev/null/results.db")
    bench.write("small.toml", SMALL)
    done = bench("run", "small.toml")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "BENCH_RESULTS_URL" in done.stderr


def test_a_full_disk_is_said(two_runs: Bench) -> None:
    """One line with the system's word for it, exit 1."""
    with Path("/dev/full").open("w") as full:
        done = two_runs("report", stdout=full)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "No space left" in done.stderr


def _holds(folder: Path, word: str) -> bool:
    files = (path for path in folder.rglob("*") if path.is_file())
    return any(word.encode() in path.read_bytes() for path in files)
