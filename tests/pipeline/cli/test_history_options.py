"""The options that choose among stored results."""

import pytest

from pipeline.cli.errors import UsageError
from pipeline.cli.history_options import selection
from results.series import Selection


def test_nothing_asked_for_is_everything() -> None:
    """As the results room has it."""
    assert selection() == Selection()


def test_options_become_a_selection() -> None:
    """Labels by name, moments in seconds; the end of a day is the beginning of the next."""
    wanted = selection(
        metrics=["errors"],
        scenario="small*",
        subject="multilevel",
        branch="main",
        labels=["release=1", "host=a=b"],
        since="2026-11-22T00:00Z",
        until="2026-11-23T00:00Z",
        phase="load",
        last=7,
    )
    assert wanted == Selection(
        metrics=("errors",),
        scenario="small*",
        subject="multilevel",
        phase="load",
        branch="main",
        labels={"release": "1", "host": "a=b"},
        since_s=1_795_305_600.0,
        until_s=1_795_392_000.0,
        last=7,
    )


def test_moments_the_wrong_way_about_are_refused() -> None:
    """Nothing could lie between them, and the answer would look like an empty database."""
    with pytest.raises(UsageError, match="--since 1d and --until 2d; swap them"):
        selection(since="1d", until="2d")
    with pytest.raises(UsageError, match="--label release"):
        selection(labels=["release"])
