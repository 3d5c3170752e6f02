"""The command that a supervisor is started with."""

import sys

import pytest

from pipeline.cli.workers import supervisor
from pipeline.errors import UnknownNameError


def test_a_supervisor_is_told_what_may_be_imported() -> None:
    """Each allowed subject is named, and only import paths are taken."""
    assert supervisor(2, ["a.b:c", "d:e"]) == [
        *(sys.executable, "-P", "-m", "workers.supervisor", "--processes", "2"),
        *("--allow-subject", "a.b:c", "--allow-subject", "d:e"),
    ]
    with pytest.raises(UnknownNameError, match=r"subject a,b:c: expected package\.module:factory"):
        supervisor(1, ["a,b:c"])
