"""The commands that ask about history answer alike of merged results and of one database."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from results.store import Store
from tests.results.exchange.full_runs import exported, full_run, imported, mark, of_branch
from tests.results.exchange.test_merge import held_by_one
from tests.support.in_process import call_bench

QUESTIONS = (
    ("trends", "p50_response_time_ms"),
    ("trends", "*throughput*", "--branch", "main"),
    ("history", "p99", "--by", "commit"),
    ("compare", "run-0", "run-1"),
    ("baseline", "list"),
    ("detect", "--all"),
    ("report", "run-2"),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[bytes]]:
    """One database that held all, and the exports of the two that each held a part."""
    folder = tmp_path_factory.mktemp("merged")
    Store.open(f"sqlite:///{folder}/empty.db").close()
    for name in ("first", "second", "both"):
        shutil.copy(folder / "empty.db", folder / f"{name}.db")
    parts = [Store.open(f"sqlite:///{folder}/{name}.db") for name in ("first", "second")]
    for number in range(16):
        version = of_branch(f"v{number}", 1_700_000_000.0 + number)
        time_ms = 1.0 + number / 1000 + (number >= 8)
        full_run(parts[number % 2], f"run-{number}", time_ms, code_version=version)
    mark(parts[1], "run-3")
    with Store.open(f"sqlite:///{folder}/both.db") as both:
        held_by_one((parts[0], parts[1]), both)
    files = [exported(part) for part in parts]
    for part in parts:
        part.close()
    return folder, files


def answers(folder: Path, url: str) -> list[Any]:
    """What each question is answered with."""

    def answer(*question: str) -> Any:
        more = () if question[0] == "report" else ("--json",)
        done = call_bench(folder, {"BENCH_RESULTS_URL": url}, *question, *more)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    return [answer(*question) for question in QUESTIONS]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def merged_url(request: pytest.FixtureRequest, made: tuple[Path, list[bytes]]) -> str:
    """A database into which both exports were imported."""
    folder, files = made
    if request.param == "sqlite":
        shutil.copy(folder / "empty.db", folder / "merged.db")
        url = f"sqlite:///{folder}/merged.db"
    else:
        url = request.getfixturevalue("postgresql_url")
    with Store.open(url) as store:
        imported(store, *files)
    return url


def test_merged_results_answer_as_one_database(
    made: tuple[Path, list[bytes]], merged_url: str
) -> None:
    """Trends, history, comparisons, baselines, changes and reports."""
    folder, _ = made
    merged = answers(folder, merged_url)
    assert merged[QUESTIONS.index(("detect", "--all"))][0] == 3, "there is a step to be found"
    assert merged == answers(folder, f"sqlite:///{folder}/both.db")
