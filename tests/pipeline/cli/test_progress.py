"""Waiting for a run whose results database goes away meanwhile."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.cli import progress
from pipeline.cli.progress import wait_for
from pipeline.plan import Plan
from results.errors import StoreUnavailableError
from results.store import Store
from tests.results.build import a_job, a_run, plan


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_POLL_S", 0.001)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """With a run of one job, in a folder of its own."""
    (tmp_path / "here").mkdir()
    with Store.open(f"sqlite:///{tmp_path}/here/results.db") as opened:
        plan(opened, [a_job()])
        yield opened


def _wait(store: Store, still_able: Callable[[], None]) -> None:
    wait_for(store, Plan(run=a_run("run-1"), jobs=(a_job(),), files=()), still_able)


def test_a_database_that_comes_back_was_worth_waiting_for(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says that it is away, and the run is not given up."""
    here, away = tmp_path / "here", tmp_path / "away"
    looks: list[int] = []

    def meanwhile() -> None:
        looks.append(len(looks))
        if len(looks) == 1:
            store.close()
            here.rename(away)
        elif len(looks) == 4:
            away.rename(here)
            store.cancel_run("run-1")

    _wait(store, meanwhile)
    assert len(looks) == 4
    assert capsys.readouterr().err.count("waiting for it, as the workers do") == 1


def test_one_that_stays_away_is_an_error_in_the_end(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever."""
    monkeypatch.setattr(progress, "_AWAY_S", 0.01)
    store.close()
    (tmp_path / "here").rename(tmp_path / "away")
    with pytest.raises(StoreUnavailableError, match="results database"):
        _wait(store, lambda: None)
