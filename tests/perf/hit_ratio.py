"""L1's hit ratio on recorded traces, beside LRU and W-TinyLFU of the same size."""

import statistics
from collections.abc import Sequence
from typing import Final

from pipeline.trace import read_trace
from tests.perf.bench import Bench
from tests.perf.policies import POLICIES
from tests.perf.result import Measured

TRACES: Final = ("web07", "orm-busy")
SHARES: Final = (0.01, 0.1)

_ROWS: Final = ("hit-ratio-lru", "hit-ratio-theine", "hit-ratio-worst")

Ratios = dict[str, float]


async def measure(bench: Bench) -> list[Measured]:
    """Replay each trace with 1 % and 10 % of its distinct keys held."""
    missing = [name for name in TRACES if not (bench.traces / _file(name)).exists()]
    if missing:
        reason = f"no {_file(missing[0])} in {bench.traces}"
        return [Measured(row, None, reason=reason) for row in _ROWS]
    return _compared([ratios for name in TRACES for ratios in _replayed(bench, name)])


def _replayed(bench: Bench, name: str) -> list[Ratios]:
    requests = _requests(bench, name)
    distinct = len(set(requests))
    found = []
    for share in SHARES:
        size = max(1, int(distinct * share))
        ratios = {policy: 100 * replay(requests, size) for policy, replay in POLICIES.items()}
        told = ", ".join(f"{policy} {ratio:.1f}" for policy, ratio in ratios.items())
        bench.say(f"  {name}, {size:,} of {distinct:,} keys: {told} %")
        found.append(ratios)
    return found


def _requests(bench: Bench, name: str) -> list[str]:
    path = bench.traces / _file(name)
    trace = read_trace(path.read_bytes(), path.name)
    names = trace.keys
    return [names[number] for number in trace.key_ids[: bench.sizes.trace_requests].tolist()]


def _compared(found: Sequence[Ratios]) -> list[Measured]:
    means = {policy: statistics.mean(ratios[policy] for ratios in found) for policy in POLICIES}
    worst = min(found, key=lambda ratios: ratios["ours"] - ratios["LRU"])
    pairs = (
        (means["ours"], means["LRU"]),
        (means["ours"], means["theine"]),
        (worst["ours"], worst["LRU"]),
    )
    return [
        Measured(row, ours - other, ours, other, "%")
        for row, (ours, other) in zip(_ROWS, pairs, strict=True)
    ]


def _file(name: str) -> str:
    return f"{name}.trace.xz"
