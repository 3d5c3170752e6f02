"""Waiting for a database that is briefly away."""

import pytest

from results.errors import StoreUnavailableError
from workers import patience
from workers.patience import patiently


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(patience, "LONGEST_PAUSE_S", 0.002)


def test_a_call_is_repeated_until_the_database_is_back() -> None:
    """What was measured is stored by the first call that goes through."""
    outcomes = [StoreUnavailableError("away"), StoreUnavailableError("away"), None]

    def finish(attempt_id: str, *, wanted: bool) -> str:
        error = outcomes.pop(0)
        if error is not None:
            raise error
        return f"{attempt_id} {wanted}"

    assert patiently(finish, "a1", wanted=True) == "a1 True"
    assert outcomes == []


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that stays away is an error in the end."""
    monkeypatch.setattr(patience, "WITHIN_S", 0.01)

    def finish() -> None:
        raise StoreUnavailableError("away for good")

    with pytest.raises(StoreUnavailableError, match="away for good"):
        patiently(finish)


def test_other_errors_are_not_repeated() -> None:
    """Only an absence can end by itself."""
    calls: list[int] = []

    def finish() -> None:
        calls.append(1)
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        patiently(finish)
    assert calls == [1]
