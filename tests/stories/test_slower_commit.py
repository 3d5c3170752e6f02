"""A commit makes reads, or the recovery after a kill, slower: history says since when."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from results.store import Store
from tests.support.command import Bench
from tests.support.in_process import Done, call_bench
from tests.support.servers import embedded_redis
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.story, pytest.mark.timeout(600)]

RUNS = 30
SLOWER_FROM = 20
BASELINE = 10
SLOWER_BY = 0.15
HELD_UP_FOR_S = 1.0

READS = """
name = "slow_reads"
purpose = "Reads that L1 serves, by one user."
type = "performance"
time_s = 2
deadline_s = 30

[subject]
enable_warming = false

[data]
keys = 50

[[phases]]
name = "fill"
warmup = true
load = { users = 1, operations = 50, mix = { set = 1 }, keys = { distribution = "sequential" } }

[[phases]]
name = "read"
load = { users = 1, operations = 60_000, mix = { get = 1 } }

[[expectations]]
metric = "errors"
equals = 0
"""

RECOVERY = """
name = "slow_recovery"
purpose = "Reads that L2 serves while it is killed and comes back empty."
type = "resilience"
time_s = 4
deadline_s = 30
l2_server = "own"
slo = { error_rate = 0.01, p99_ms = 40, seconds = 1 }

[subject]
l1_max_size = 5
enable_l3 = false
enable_warming = false

[data]
keys = 50

[[phases]]
name = "outage"
load = { users = 4, duration_s = 3.2, think_time_s = 0.01, mix = { get = 1 } }
faults = [{ kind = "l2_kill", at_s = 0.3, duration_s = 0.4 }]

[[expectations]]
metric = "wrong_values"
equals = 0
"""


@dataclass(frozen=True)
class Story:
    """A running worker, and the command beside it."""

    folder: Path
    environment: dict[str, str]

    def bench(self, *arguments: str, code: int = 0) -> Done:
        """The command, which ends with this code."""
        done = call_bench(self.folder, self.environment, *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def answer(self, *arguments: str, code: int = 0) -> Any:
        """What it answers to programs."""
        return json.loads(self.bench(*arguments, "--json", code=code).stdout)

    def enqueue(self, first: int, end: int, *asked: str) -> None:
        """Enqueue a run for each version from `first` to before `end`, and wait for all of them."""
        sent = [
            self.answer(
                *("enqueue", *asked, "--seed", str(number), "--code-version", f"c{number}")
            )["run_id"]
            for number in range(first, end)
        ]
        with Store.open(self.environment["BENCH_RESULTS_URL"]) as store:
            wait_until(
                lambda: all(store.run(each).aggregated_at_s is not None for each in sent),
                300,
                what=f"runs {first} to {end - 1}",
                interval_s=0.3,
            )


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """One worker, which may import the slower subjects."""
    shutil.copy(Path(__file__).with_name("slower.py"), tmp_path)
    (tmp_path / "slow_reads.toml").write_text(READS)
    (tmp_path / "slow_recovery.toml").write_text(RECOVERY)
    with embedded_redis() as server:
        environment = {
            "BENCH_BROKER_URL": server.url,
            "BENCH_RESULTS_URL": f"sqlite:///{tmp_path / 'results.db'}",
            "BENCH_L3_URL": f"sqlite:///{tmp_path / 'l3.db'}",
        }
        allowed = ("--allow-subject", "slower:reads", "--allow-subject", "slower:recovery")
        with Bench(tmp_path, environment).running("worker", *allowed):
            yield Story(tmp_path, environment)


def test_a_slower_read_is_found_gated_and_drawn(story: Story) -> None:
    """A busy wait of 15 % of the measured median, from run 20 on."""
    # Three short looks at a machine say more of it than a long one.
    asked = ("slow_reads.toml", "--subject", "slower:reads", "--repeat", "3")
    story.enqueue(1, SLOWER_FROM, *asked)
    (series,) = story.answer("trends", "p50_response_time_ms")["series"]
    (story.folder / "wait_ns").write_text(str(series["median"] * 1e6 * SLOWER_BY))
    baseline = series["points"][BASELINE - 1]["run_id"]
    story.bench("baseline", "set", "main", baseline)
    story.enqueue(SLOWER_FROM, RUNS + 1, *asked)
    _check(story, "p50_response_time_ms", "slow_reads", low=0.08)


def test_a_slower_recovery_is_found_gated_and_drawn(story: Story) -> None:
    """Reads are held up for a second after L2 is back, from run 20 on."""
    asked = ("slow_recovery.toml", "--subject", "slower:recovery")
    story.enqueue(1, SLOWER_FROM, *asked)
    (series,) = story.answer("trends", "time_to_recover_s")["series"]
    (story.folder / "held_up_for_s").write_text(str(HELD_UP_FOR_S))
    story.bench("baseline", "set", "main", series["points"][BASELINE - 1]["run_id"])
    story.enqueue(SLOWER_FROM, RUNS + 1, *asked)
    _check(story, "time_to_recover_s", "slow_recovery", low=0.5)


def _check(story: Story, metric: str, scenario: str, low: float) -> None:
    """Detection names run 20 or a neighbour, the gate fails, the trend is drawn, in one line."""
    (series,) = story.answer("trends", metric)["series"]
    assert len(series["points"]) == RUNS
    neighbours = {f"c{number}" for number in range(SLOWER_FROM - 1, SLOWER_FROM + 2)}
    assert any(
        change["code_version"] in neighbours and change["after"] > change["before"] * (1 + low)
        for change in series["changes"]
    ), (series["changes"], [point["value"] for point in series["points"]])
    assert "┊" in story.bench("trends", metric).stdout
    detected = story.bench("detect", "--metric", metric, code=3).stdout
    assert any(name in detected for name in neighbours), detected
    summary = story.folder / "summary.md"
    story.bench("gate", "--baseline", "main", "--markdown", str(summary), code=3)
    first = summary.read_text().splitlines()[0]
    assert "Regressed" in first
    assert scenario in summary.read_text()
