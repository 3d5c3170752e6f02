"""Caches side by side, and what this machine can tell apart."""

import json
import re

import pytest

from tests.support.command import Bench

pytestmark = [pytest.mark.story, pytest.mark.timeout(600)]

SUBJECTS = ("multilevel", "cashews-redis", "aiocache-redis", "redis-py")
FIGURES = ("throughput", "p50", "p95", "p99", "hit ratio", "errors", "loads", "memory")


def _asked(subjects: tuple[str, ...]) -> list[str]:
    return [word for name in subjects for word in ("--subject", name)]


def test_four_caches_are_compared_in_one_run(bench: Bench) -> None:
    """One table of all figures, each with its ratio to the first and the interval of it."""
    done = bench("run", "performance_benchmarking", *_asked(SUBJECTS), "--repeat", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    table = done.stdout.partition("performance_benchmarking, ")[2]
    assert [name for name in (*SUBJECTS, *FIGURES) if name not in table] == []
    assert "not supported" in table
    assert max(map(len, table.partition("peer ")[0].splitlines())) <= 100
    report = json.loads((bench.folder / ".bench" / "report.json").read_text())
    ratio = report["results"]["performance_benchmarking"]["comparison"]["phases"]["l1"][
        "throughput_ops_per_second"
    ]["redis-py"]
    low, high = ratio["interval"]
    assert low <= high
    assert ratio["pairs"] == 3
    assert high < 1, "L1 in memory is faster than any server"


def test_a_peer_that_fails_never_changes_the_exit_code(bench: Bench) -> None:
    """No cache at all behind ours fails what it can't do, and the run is good all the same."""
    done = bench("run", "stampede", *_asked(("multilevel", "null")))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "peer fail stampede (null)" in done.stdout


def test_the_machines_noise_is_told_in_figures(bench: Bench) -> None:
    """An A/A run prints the smallest change that can be seen here, for each main figure."""
    done = bench("doctor", "--noise", "--repeat", "4")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r"[\d.]+ %", done.stdout)) >= 4
