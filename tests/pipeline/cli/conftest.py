"""Drives the installed `bench` command in folders of a test's own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(sys.executable).with_name("bench")
TIMEOUT_S = 90


@dataclass(frozen=True, slots=True)
class Bench:
    """The command as a user of `folder` has it; `environment` holds that user's variables."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run it to its end."""
        return subprocess.run(
            [BENCH, *arguments],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start it; the test ends it."""
        return subprocess.Popen(
            [BENCH, *arguments],
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def json(self, *arguments: str) -> Any:
        """What it prints for `--json`."""
        done = self(*arguments, "--json")
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BENCH_")}
        return {**kept, "COLUMNS": "100", **self.environment}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """The command in an empty folder."""
    return Bench(tmp_path)


MakeBench = Callable[..., Bench]


@pytest.fixture(scope="session")
def make_bench(tmp_path_factory: pytest.TempPathFactory) -> MakeBench:
    """Makes a command in a new empty folder, with environment variables."""

    def make(**environment: str) -> Bench:
        return Bench(tmp_path_factory.mktemp("bench"), environment)

    return make
