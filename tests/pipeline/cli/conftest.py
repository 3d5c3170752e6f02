"""Drives the installed `bench` command in folders of a test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from results.store import Store
from tests.support.command import Bench
from tests.support.servers import embedded_redis
from tests.support.waiting import wait_until

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
