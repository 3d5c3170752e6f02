"""`bench run` from its words to its report and exit code."""

import json

import pytest

from tests.pipeline.cli.conftest import SMALL
from tests.support.command import Bench

NEVER_SERVED = """
[[expectations]]
metric = "p95_response_time_ms"
tier = "l3"
at_most = 1000
"""

FEW_LOADS = """
[[expectations]]
metric = "loads"
at_most = 10
"""


def test_a_good_run_prints_its_table_and_where_its_report_is(two_runs: Bench) -> None:
    """A third run in a folder: verdict, report, and what to ask next."""
    done = two_runs("run", "small.toml", "--report-file", "third.json", "--seed", "7")
    assert done.returncode == 0, done.stderr
    assert "small" in done.stdout
    assert "report: third.json" in done.stdout
    assert "bench trends" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    report = json.loads((two_runs.folder / "third.json").read_text())
    assert report["seed"] == 7
    assert report["results"]["small"]["success"] is True


def test_the_report_knows_labels_and_repeats(two_runs: Bench) -> None:
    """The default report is the latest run's."""
    report = json.loads((two_runs.folder / ".bench" / "report.json").read_text())
    assert report["labels"] == {"which": "second"}
    assert report["results"]["small"]["jobs"]["accepted"] == 2
    assert len(report["results"]["small"]["repeats"]) == 2


def test_a_failed_expectation_is_shown_with_its_figures(bench: Bench, small: str) -> None:
    """Exit 3 goes before 4; expected and actual are told; JSON is the report."""
    bench.write(small, SMALL + NEVER_SERVED)
    done = bench("run", small, "--set", "least=1000", "--label", "why=failing")
    assert done.returncode == 3, done.stderr
    assert "operations >= 1000" in done.stdout
    assert "40" in done.stdout
    report = json.loads((bench.folder / ".bench" / "report.json").read_text())
    assert report["summary"]["verdict"] == "fail"
    assert report["summary"]["tests_failed"] == 1
    assert report["summary"]["tests_unknown"] == 1


def test_peers_are_compared_and_change_no_exit_code(bench: Bench, small: str) -> None:
    """One table with both; what a peer does not meet is told as its own."""
    bench.write(small, SMALL + FEW_LOADS)
    done = bench("run", small, "--subject", "multilevel", "--subject", "null")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "small, closed loop, one repeat: ratios to multilevel" in done.stdout
    assert "not supported" in done.stdout
    assert "--repeat 5" in done.stdout
    assert "peer fail small (null): expected loads <= 10, was 40" in done.stdout
    assert "us an operation" in done.stdout
    assert "3 passed, 0 failed" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    report = json.loads((bench.folder / ".bench" / "report.json").read_text())
    assert report["summary"]["overall_success"] is True
    assert list(report["results"]["small"]["subjects"]) == ["multilevel", "null"]


@pytest.mark.docker
@pytest.mark.usefixtures("redis_test_container")
def test_services_may_be_containers(bench: Bench, small: str) -> None:
    """The same runs on Redis in containers, and says so."""
    done = bench("run", small, "--services", "docker", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["summary"]["overall_success"] is True
