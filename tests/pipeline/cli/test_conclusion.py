"""The end of a run: what is printed and which exit code it is, from jobs that were made up."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli.conclusion import conclude
from pipeline.cli.exits import ExitCode
from results.attempt_result import AttemptResult, Observation
from results.expectation import Expectation
from results.store import Store
from tests.results.build import a_job, a_result, a_run, an_interval, complete

RUN = "run-1"
QUICK = Expectation(metric="p95_response_time_ms", at_most=50)
FROM_L3 = Expectation(metric="p95_response_time_ms", tier="l3", at_most=50)
COST = Observation(metric="recorder_cost_us", value=0.3)

GOOD = a_result(intervals=(an_interval(*[1.0] * 100),), observations=(COST,))
SLOW = a_result(intervals=(an_interval(*[80.0] * 100),))
FAILED = a_result(intervals=(), error="OSError: it broke")
INVALID = a_result(invalid_reason="phase load: the generator was saturated")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A results database of the test's own."""
    with Store.open(f"sqlite:///{tmp_path}/results.db") as opened:
        yield opened


def run_of(
    store: Store, *expectations: Expectation, repeats: int = 1, **subjects: AttemptResult
) -> None:
    """A run whose jobs have ended so, the first subject's first."""
    jobs = [
        a_job(
            RUN,
            position,
            subject=subject,
            repeat=position // len(subjects),
            expectations=expectations,
            max_attempts=1,
        )
        for position, subject in enumerate([*subjects] * repeats)
    ]
    store.create_run(a_run(RUN, subjects=tuple(subjects), repeats=repeats), jobs)
    for job in jobs:
        complete(store, job, subjects[job.subject])


def test_a_good_run_tells_what_recording_cost(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 0; the loop beside the figures; no word about peers where there are none."""
    run_of(store, QUICK, ours=GOOD)
    assert conclude(store, RUN, None, as_json=False) == ExitCode.GOOD
    said = capsys.readouterr().out
    assert "closed" in said
    assert "recording cost 0.30 us an operation" in said
    assert "ratios" not in said


def test_what_has_no_figures_is_unknown(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 4, and the report on stdout where it was asked for."""
    run_of(store, QUICK, FROM_L3, ours=GOOD)
    assert conclude(store, RUN, None, as_json=True) == ExitCode.UNKNOWN
    assert json.loads(capsys.readouterr().out)["summary"]["tests_unknown"] == 1


@pytest.mark.parametrize("peer", [SLOW, FAILED, INVALID], ids=["slow", "failed", "invalid"])
def test_peers_never_change_the_exit_code(
    store: Store, capsys: pytest.CaptureFixture[str], peer: AttemptResult
) -> None:
    """Whatever became of them is told as theirs."""
    run_of(store, QUICK, ours=GOOD, other=peer)
    assert conclude(store, RUN, None, as_json=False) == ExitCode.GOOD
    said = capsys.readouterr().out
    assert "1 passed, 0 failed, 0 unknown" in said
    problems = [line for line in said.splitlines() if "(other)" in line]
    assert problems
    assert all(line.startswith("peer ") for line in problems)


@pytest.mark.parametrize(
    ("ours", "code"),
    [(SLOW, ExitCode.FAILED), (FAILED, ExitCode.FAILED), (INVALID, ExitCode.UNKNOWN)],
    ids=["slow", "failed", "invalid"],
)
def test_the_subject_under_test_decides(store: Store, ours: AttemptResult, code: ExitCode) -> None:
    """However good its peers are; 3 goes before 4."""
    run_of(store, QUICK, FROM_L3, ours=ours, other=GOOD)
    assert conclude(store, RUN, None, as_json=False) == code


def test_an_interval_takes_repeats(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """One repeat is told how to come by one."""
    run_of(store, QUICK, ours=GOOD, other=GOOD)
    conclude(store, RUN, None, as_json=False)
    assert "add --repeat 5" in capsys.readouterr().out


def test_repeats_give_an_interval(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """What is the same each time is 1.00, surely."""
    run_of(store, QUICK, repeats=2, ours=GOOD, other=GOOD)
    conclude(store, RUN, None, as_json=False)
    said = capsys.readouterr().out
    assert "1.00x (1.00-1.00)" in said
    assert "--repeat" not in said
