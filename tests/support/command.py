"""The installed `bench` command in folders of a test's own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil

BENCH = Path(sys.executable).with_name("bench")
TIMEOUT_S = 90


@dataclass(frozen=True, slots=True)
class Bench:
    """The command as a user of `folder` has it; `environment` holds that user's variables."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    timeout_s: float = TIMEOUT_S

    def __call__(
        self, *arguments: str, stdout: IO[str] | int = subprocess.PIPE
    ) -> "subprocess.CompletedProcess[str]":
        """Run it to its end."""
        return subprocess.run(
            [BENCH, *arguments],
            cwd=self.folder,
            env=self._environment(),
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            timeout=self.timeout_s,
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

    @contextmanager
    def running(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """Run it for the length of the block; it and all that it started are ended after it."""
        process = self.start(*arguments)
        try:
            yield process
        finally:
            end(process)

    def write(self, name: str, text: str) -> str:
        """Write a file into its folder; the file's name."""
        (self.folder / name).write_text(text)
        return name

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BENCH_")}
        return {**kept, "COLUMNS": "100", **self.environment}


def descendants(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """Every process that it started and that still runs, with those that they started."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def end(process: "subprocess.Popen[str]") -> None:
    """End it as a service manager does; kill what does not end."""
    family = descendants(process)
    if process.poll() is None:
        process.terminate()
    try:
        process.communicate(timeout=20)
    finally:
        for left in (*family, *descendants(process)):
            if left.is_running():
                left.kill()
        process.kill()
        process.communicate()
