"""A closed-loop load on a cache, by the workers' own generator and recorder, as figures."""

from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np

from pipeline.scenario import ClosedLoad
from workers.caller import Caller
from workers.data import key_names
from workers.ledger import Findings, Ledger
from workers.load import run_closed_load
from workers.origin import Origin
from workers.recorder import CodeBook, Recorder
from workers.subjects.base import Subject
from workers.values import Values

NS_PER_MS = 1e6
NS_PER_S = 1e9
_L1_READ = ("get", "l1")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """What a load saw.

    Args:
        operations: Operations done.
        figures: Figures by the names of `results.metrics`.
        findings: What comparing every value read has found.
    """

    operations: int
    figures: dict[str, float]
    findings: Findings


async def run_load(
    subject: Subject, load: ClosedLoad, *, keys: int = 200, kind: str = "users", seed: int = 7
) -> LoadResult:
    """Write every key, then run a load on a started subject.

    Args:
        subject: The cache under test.
        load: Users, operations and mix.
        keys: Number of keys.
        kind: The data generator's set.
        seed: Seed of operations, keys and values.
    """
    ledger, codes, recorder = Ledger(Values(seed, kind)), CodeBook(), Recorder()
    loader = Origin(ledger, load.loader_time_s).load if load.loader else None
    caller = Caller(subject, ledger, codes, recorder.record, loader)
    names = key_names(kind, keys)
    await Caller(subject, ledger, CodeBook(), Recorder().record, None).set_many(names)
    start_ns = perf_counter_ns()
    operations = await run_closed_load(load, names, caller, seed=seed, phase=0)
    duration_s = (perf_counter_ns() - start_ns) / NS_PER_S
    figures = _times(recorder, codes) | _hit_ratio(caller)
    figures["throughput_ops_per_second"] = operations / duration_s
    return LoadResult(operations=operations, figures=figures, findings=ledger.findings)


def _times(recorder: Recorder, codes: CodeBook) -> dict[str, float]:
    samples = recorder.samples()
    from_l1 = [n for n, code in enumerate(codes.codes) if (code.operation, code.tier) == _L1_READ]
    failed = [n for n, code in enumerate(codes.codes) if code.outcome != "ok"]
    l1_reads = samples.duration_ns[np.isin(samples.code, from_l1)]
    return {
        "l1_avg_response_time_ms": float(l1_reads.mean()) / NS_PER_MS,
        "p95_response_time_ms": float(np.percentile(samples.duration_ns, 95)) / NS_PER_MS,
        "error_rate": float(np.isin(samples.code, failed).mean()),
    }


def _hit_ratio(caller: Caller) -> dict[str, float]:
    hits = sum(caller.reads[tier] for tier in ("l1", "l2", "l3"))
    return {"hit_ratio": hits / caller.reads.total()}
