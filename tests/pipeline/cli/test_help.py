"""The command's face: what it lists, and that listing it is cheap."""

import subprocess
import sys

from tests.support.command import Bench

COMMANDS = [
    "run",
    "enqueue",
    "worker",
    "status",
    "cancel",
    "resume",
    "report",
    "trends",
    "detect",
    "acknowledge",
    "history",
    "mark",
    "compare",
    "baseline",
    "gate",
    "export",
    "import",
    "prune",
    "scenarios",
    "doctor",
    "test",
    "trace",
]
HEAVY = {"alembic", "coredis", "docker", "dramatiq", "numpy", "pydantic", "rich", "sqlalchemy"}


def test_commands_are_listed_in_the_order_of_their_use(bench: Bench) -> None:
    """Somebody who reads the help from the top does things in their order."""
    lines = bench("--help").stdout.partition("Commands:")[2].splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "] == (
        COMMANDS
    )


def test_help_imports_nothing_heavy() -> None:
    """What a command needs is imported when it runs, so that help stays quick."""
    code = "import sys; import pipeline.cli.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


def test_the_version_is_printed(bench: Bench) -> None:
    """One line, exit 0."""
    done = bench("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("bench 0.")
