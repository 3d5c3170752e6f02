"""Ages and moments: what can be written, and what is refused."""

import os
import time
from collections.abc import Iterator

import pytest

from pipeline.cli.durations import parse_moment_s
from pipeline.cli.errors import UsageError

# 2026-11-23T00:00:00Z
MIDNIGHT_S = 1_795_392_000.0
HOUR_S = 3600.0


@pytest.fixture(autouse=True)
def _in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CET-1")
    time.tzset()
    yield
    del os.environ["TZ"]
    time.tzset()


@pytest.mark.parametrize(
    ("text", "moment_s"),
    [
        ("12h", MIDNIGHT_S - 12 * HOUR_S),
        (" 1.5d ", MIDNIGHT_S - 36 * HOUR_S),
        ("2026-11-23", MIDNIGHT_S - HOUR_S),
        ("2026-11-23T14:30", MIDNIGHT_S + 13.5 * HOUR_S),
        ("2026-11-23T14:30+00:00", MIDNIGHT_S + 14.5 * HOUR_S),
        ("2026-11-23T14:30Z", MIDNIGHT_S + 14.5 * HOUR_S),
    ],
)
def test_a_moment_is_an_age_a_date_or_a_time(text: str, moment_s: float) -> None:
    """Without a time zone it is this machine's."""
    assert parse_moment_s("--since", text, now_s=MIDNIGHT_S) == moment_s


def test_a_day_may_be_meant_with_all_its_hours() -> None:
    """Whoever says until a day means its evening; a time stays what it is."""
    until = parse_moment_s("--until", "2026-11-23", whole_day=True)
    assert until == MIDNIGHT_S + 23 * HOUR_S
    assert parse_moment_s("--until", "2026-11-23T01:00", whole_day=True) == MIDNIGHT_S


@pytest.mark.parametrize(
    "text", ["soon", "0d", "", "2026-13-01", "2026-11-23T25:00", "9" * 400 + "d"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    """In one line with the option's name and examples."""
    with pytest.raises(UsageError, match=r"--until .*: expected an age such as 30d"):
        parse_moment_s("--until", text)
