"""The command that a supervisor is started with."""

import sys

import pytest

from pipeline.cli.workers import supervisor
from pipeline.errors import SettingsError, UnknownNameError


def test_a_supervisor_is_told_what_may_be_imported() -> None:
    """Each allowed subject is named, and only import paths are taken."""
    assert supervisor(2, ["a.b:c", "d:e"]) == [
        *(sys.executable, "-P", "-m", "workers.supervisor", "--processes", "2"),
        *("--allow-subject", "a.b:c", "--allow-subject", "d:e"),
    ]
    with pytest.raises(UnknownNameError, match=r"subject a,b:c: expected package\.module:factory"):
        supervisor(1, ["a,b:c"])


def test_a_supervisor_is_told_which_servers_may_be_broken() -> None:
    """By what tells servers apart, so that no password is on a command line."""
    assert supervisor(1, [], ["rediss://me:secret@Cache:7000/3?x=y", "unix:///run/l2?db=1"])[
        -4:
    ] == [
        *("--allow-destructive", "redis://cache:7000"),
        *("--allow-destructive", "unix:///run/l2"),
    ]
    with pytest.raises(
        SettingsError, match=r"^--allow-destructive=http://host:\*\*\*@x: expected one of "
    ):
        supervisor(1, [], ["http://host:pw@x"])
