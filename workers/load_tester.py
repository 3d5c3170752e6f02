"""The seed's load tester: a closed loop of gets and sets on a cache at hand, summed up."""

from time import perf_counter_ns

import numpy as np

from cache.multilevel import MultiLevelCache
from pipeline.data import Data, Kind
from pipeline.load import ClosedLoad
from workers.caller import Caller
from workers.data import key_names
from workers.ledger import Ledger
from workers.load import run_closed_load
from workers.origin import Origin
from workers.recorder import CodeBook, Recorder
from workers.subjects.multilevel import MultiLevelSubject
from workers.values import Values

NS_PER_S = 1e9


class CacheLoadTester:
    """Puts a load on an entered cache and analyses what its users saw.

    Args:
        cache: The cache.
        keys: Number of keys, drawn uniformly.
        kind: The data generator's set.
        seed: Seed of operations, keys and values.
    """

    def __init__(
        self, cache: MultiLevelCache, *, keys: int = 200, kind: Kind = "users", seed: int = 0
    ) -> None:
        self._subject = MultiLevelSubject(cache)
        self._key_names = key_names(kind, keys)
        self._kind = kind
        self._seed = seed

    async def run_concurrent_load_test(
        self, concurrent_users: int = 10, operations_per_user: int = 100
    ) -> dict[str, float]:
        """Run users side by side: four reads to a write, reads with a loader.

        Args:
            concurrent_users: Users, from 1.
            operations_per_user: Operations of each, from 1.

        Returns:
            Counts, `error_rate`, `hit_ratio`, `throughput_ops_per_second`, times in seconds
            (`mean`, `p95`, `p99`, `max`), and what comparing each value read has found.
        """
        load = ClosedLoad(
            users=concurrent_users, operations=operations_per_user, mix={"get": 4.0, "set": 1.0}
        )
        ledger = Ledger(Values(self._seed, Data(kind=self._kind)))
        codes, recorder = CodeBook(), Recorder()
        origin = Origin(ledger, load.loader_time_s)
        caller = Caller(self._subject, ledger, codes, recorder.record, origin.load)
        began_ns = perf_counter_ns()
        operations = await run_closed_load(load, self._key_names, caller, seed=self._seed, phase=0)
        duration_s = (perf_counter_ns() - began_ns) / NS_PER_S
        return {
            "operations": operations,
            "throughput_ops_per_second": operations / duration_s,
            "hit_ratio": _hit_ratio(caller),
            **_times_and_errors(recorder, codes),
            "loads": origin.loads,
            "values_checked": ledger.findings.values_checked,
            "wrong_values": ledger.findings.wrong_values,
            "stale_reads": ledger.findings.stale_reads,
        }


def _hit_ratio(caller: Caller) -> float:
    hits = sum(caller.reads[tier] for tier in ("l1", "l2", "l3"))
    return hits / max(caller.reads.total(), 1)


def _times_and_errors(recorder: Recorder, codes: CodeBook) -> dict[str, float]:
    samples = recorder.samples()
    failed = [number for number, code in enumerate(codes.codes) if code.outcome != "ok"]
    durations_s = samples.duration_ns / NS_PER_S
    return {
        "errors": int(np.isin(samples.code, failed).sum()),
        "error_rate": float(np.isin(samples.code, failed).mean()),
        "mean": float(durations_s.mean()),
        "p95": float(np.percentile(durations_s, 95)),
        "p99": float(np.percentile(durations_s, 99)),
        "max": float(durations_s.max()),
    }
