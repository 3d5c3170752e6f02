"""Workers that share nothing but URLs: what they measure is one result, and it is the right one."""

import json
import lzma
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cache.l1.memory import MemoryTier
from cache.tier import MISS
from tests.support.command import Bench
from tests.support.servers import embedded_redis
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.story]

TRACE = Path(__file__).parents[2].parent / "shared" / "traces" / "web07.trace.xz"
# 3 significant digits, as an upper edge: at most one part in a thousand above the sample.
PRECISION = 1e-3
L1_SIZE = 205

MIXED = """
name = "mixed_load"
purpose = "Reads and writes of several users, so that workers have different things to tell."
type = "load"
time_s = 1
deadline_s = 60

[subject]
l1_max_size = 20

[data]
kind = "users"
keys = 100

[[phases]]
name = "warm_up"
warmup = true
load = { users = 2, operations = 50, mix = { set = 1 }, keys = { distribution = "sequential" } }

[[phases]]
name = "load"
load = { users = 4, operations = 150, mix = { get = 8, set = 1, delete = 1 } }

[[expectations]]
metric = "operations"
equals = 600

[[expectations]]
metric = "stale_reads"
equals = 0
"""


@pytest.fixture
def urls(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A broker, and databases on files of the test."""
    with embedded_redis() as server:
        yield {
            "BENCH_BROKER_URL": server.url,
            "BENCH_RESULTS_URL": f"sqlite:///{tmp_path / 'results.db'}",
            "BENCH_L3_URL": f"sqlite:///{tmp_path / 'l3.db'}",
        }


@pytest.fixture
def postgresql_urls(postgresql_url: str) -> Iterator[dict[str, str]]:
    """A broker, and PostgreSQL for results and L3."""
    with embedded_redis() as server:
        yield {
            "BENCH_BROKER_URL": server.url,
            "BENCH_RESULTS_URL": postgresql_url,
            "BENCH_L3_URL": postgresql_url,
        }


@contextmanager
def machines(tmp_path: Path, urls: dict[str, str], *arguments: str) -> Iterator[Bench]:
    """Two workers in two empty folders, and a user in a third."""
    folders = [tmp_path / name for name in ("user", "one", "two")]
    for folder in folders:
        folder.mkdir()
    user, one, two = (Bench(folder, urls) for folder in folders)
    with ExitStack() as stack:
        for machine in (one, two):
            stack.enter_context(machine.running("worker", *arguments))
        wait_until(
            lambda: live_workers(user) == 2,
            30,
            what="two live workers",
            interval_s=0.2,
        )
        yield user


def live_workers(user: Bench) -> int:
    """How many workers the command sees; none before one has made the database."""
    done = user("status", "--json")
    return len(json.loads(done.stdout)["workers"]) if done.returncode == 0 else 0


def results_of(user: Bench, *arguments: str) -> dict[str, Any]:
    """Enqueue, wait, and read the report's results."""
    done = user("enqueue", *arguments, "--wait", "--report-file", "report.json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((user.folder / "report.json").read_text())["results"]


def keys_of_trace() -> list[str]:
    """The keys of the real trace, in order; skips where the trace is missing."""
    if not TRACE.exists():
        pytest.skip(f"no trace at {TRACE}")
    return [str(key) for key in np.frombuffer(lzma.decompress(TRACE.read_bytes()), ">i4")]


def hits_of_l1_alone(keys: list[str], size: int) -> int:
    """L1 hits of the same policy, simulated without tiers, workers or a broker."""
    tier = MemoryTier(size)
    hits = 0
    for key in keys:
        if tier.get(key) is MISS:
            tier.set(key, key)
        else:
            hits += 1
    return hits


def pooled_samples(folder: Path) -> np.ndarray:
    """Every measured duration that any worker recorded, warm-up left out, in ns."""
    durations = []
    for path in folder.rglob("*.npz"):
        with np.load(path) as samples:
            measured = ~samples["warmup"][samples["phase"]]
            durations.append(samples["duration_ns"][measured])
    return np.sort(np.concatenate(durations))


def test_percentiles_over_workers_are_those_of_all_samples(
    tmp_path: Path, urls: dict[str, str]
) -> None:
    """Percentiles of 4 jobs on 2 workers equal those of the pooled raw timings."""
    samples = tmp_path / "samples"
    with machines(tmp_path, urls, "--samples", str(samples)) as user:
        (user.folder / "mixed.toml").write_text(MIXED)
        result = results_of(user, "mixed.toml", "--repeat", "4")["mixed_load"]
    pooled_ns = pooled_samples(samples)
    assert len(pooled_ns) == result["operations"] == 4 * 600
    assert len({attempt["worker"] for attempt in result["attempts"]}) == 2
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p99_9", 0.999)):
        exact_ms = pooled_ns[int(np.ceil(share * len(pooled_ns))) - 1] / 1e6
        reported_ms = result[f"{name}_response_time_ms"]
        assert exact_ms <= reported_ms <= exact_ms * (1 + PRECISION), name
    assert result["max_response_time_ms"] == pytest.approx(pooled_ns[-1] / 1e6)
    assert result["avg_response_time_ms"] == pytest.approx(pooled_ns.mean() / 1e6)


@pytest.mark.postgresql
def test_workers_in_empty_folders_need_only_urls(
    tmp_path: Path, postgresql_urls: dict[str, str]
) -> None:
    """A user's scenario file and a trace travel through PostgreSQL to both machines."""
    keys = [str(key) for key in (1, 2, 3, 1, 2, 1, 7, 7, 1, 9) * 30]
    with machines(tmp_path, postgresql_urls) as user:
        (user.folder / "mixed.toml").write_text(MIXED)
        (user.folder / "small.trace").write_bytes(np.array(keys, ">i4").tobytes())
        results = results_of(
            user,
            *("mixed.toml", "trace_replay", "--repeat", "2"),
            *("--set", "trace=small.trace", "--set", "l1_max_size=4"),
        )
    assert results["mixed_load"]["jobs"]["accepted"] == 2
    assert results["mixed_load"]["wrong_values"] == 0
    replay = results["trace_replay"]
    workers = {attempt["worker"] for name in results for attempt in results[name]["attempts"]}
    assert len(workers) == 2
    assert replay["operations"] == 2 * len(keys)
    assert replay["reads_l1"] == 2 * hits_of_l1_alone(keys, 4)


def test_a_replay_hits_l1_as_its_policy_says(tmp_path: Path) -> None:
    """The reported L1 ratio of a real trace equals an offline simulation to the request."""
    keys = keys_of_trace()[:3_000]
    user = Bench(tmp_path)
    done = user(
        *("run", "trace_replay", "--set", f"trace={TRACE}", "--set", f"requests={len(keys)}"),
        *("--set", f"l1_max_size={L1_SIZE}", "--report-file", "report.json"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    replay = json.loads((tmp_path / "report.json").read_text())["results"]["trace_replay"]
    hits = hits_of_l1_alone(keys, L1_SIZE)
    assert (replay["operations"], replay["reads_l1"]) == (len(keys), hits)
    assert replay["l1_hit_ratio"] == hits / len(keys)
    below = [replay[f"reads_{tier}"] for tier in ("l2", "l3", "origin", "miss")]
    assert sum(below) == len(keys) - hits
    assert replay["distinct_keys"] == len(set(keys))
