"""Drives the installed `bench` command in folders of a test's own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil
import pytest

from results.store import Store
from tests.support.servers import embedded_redis
from tests.support.waiting import wait_until

BENCH = Path(sys.executable).with_name("bench")
TIMEOUT_S = 90
SMALL = """
name = "small"
purpose = "A few reads, so that a test has something to run."
type = "integration"
time_s = 1
deadline_s = 30

[parameters]
operations = 20
think_time_s = 0.0
least = 1.0

[data]
keys = 10

[[phases]]
name = "read"
load = { users = 2, operations = "$operations", think_time_s = "$think_time_s" }

[[expectations]]
metric = "operations"
at_least = "$least"

[[expectations]]
metric = "wrong_values"
equals = 0
"""


@dataclass(frozen=True, slots=True)
class Bench:
    """The command as a user of `folder` has it; `environment` holds that user's variables."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

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


@pytest.fixture
def small(bench: Bench) -> str:
    """A scenario file in the command's folder."""
    return bench.write("small.toml", SMALL)


@pytest.fixture(scope="session")
def two_runs(make_bench: MakeBench) -> Bench:
    """A folder where two runs have ended, the second of two repeats; for reading only."""
    bench = make_bench()
    bench.write("small.toml", SMALL)
    for label, repeat in (("first", "1"), ("second", "2")):
        done = bench("run", "small.toml", "--label", f"which={label}", "--repeat", repeat)
        assert done.returncode == 0, done.stdout + done.stderr
    return bench


@pytest.fixture
def services(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A real broker, and the variables that name it and a results database."""
    with embedded_redis() as server:
        yield {
            "BENCH_BROKER_URL": server.url,
            "BENCH_RESULTS_URL": f"sqlite:///{tmp_path / 'results.db'}",
            "BENCH_L3_URL": f"sqlite:///{tmp_path / 'l3.db'}",
        }


def wait_for_job(bench: Bench, state: str, scenario: str = "small") -> None:
    """Wait until a job of that scenario in the newest run has come to that state."""
    url = bench.environment.get("BENCH_RESULTS_URL")
    path = bench.folder / ".bench" / "results.db"

    def seen() -> bool:
        if url is None and not path.exists():
            return False
        with Store.open(url or f"sqlite:///{path}") as store:
            jobs = [job for run in store.runs(1) for job in store.job_rows(run.run.run_id)]
        return any((job.scenario, job.state) == (scenario, state) for job in jobs)

    wait_until(seen, 40, what=f"a {state} job of {scenario}", interval_s=0.1)
