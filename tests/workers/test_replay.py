"""Replay of traces."""

from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from pipeline.data import Data
from pipeline.errors import TraceLoadError
from pipeline.load import TraceLoad
from pipeline.trace import Trace, read_trace
from results.records import StoredFile
from tests.workers.scenarios import DictSubject
from workers.caller import Caller
from workers.ledger import Ledger
from workers.origin import Origin
from workers.part import Part
from workers.recorder import CodeBook, Recorder
from workers.replay import (
    due_ns_of,
    replay,
    replay_timed,
    sizes_of,
    trace_of,
    ttls_of,
    use_values_of,
)
from workers.subjects.base import Loader, Served
from workers.values import Values

REAL = Path(__file__).resolve().parents[3] / "shared" / "traces"
CSV = b"""0,a,1,100,1,set,60
1,b,1,500,1,get,0
1,a,1,300,1,get,0
2,b,1,0,1,delete,0
2,c,1,0,1,get,0
2,a,1,300,1,set,0
2,b,1,400,1,set,5
"""
ASKED = [
    ("set", "a"),
    ("get", "b"),
    ("get", "a"),
    ("delete", "b"),
    ("get", "c"),
    ("set", "a"),
    ("set", "b"),
]
NS_PER_S = 1_000_000_000


class _Noted(DictSubject):
    """Notes what it is asked for, with the sizes and TTLs that it is given."""

    def __init__(self, *lacks: str) -> None:
        super().__init__()
        self._lacks = frozenset(lacks)
        self.asked: list[tuple[str, str]] = []
        self.given: dict[str, tuple[int, float | None]] = {}

    @property
    def lacks(self) -> frozenset[str]:
        return self._lacks

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        self.asked.append(("get", key))
        return await super().get(key, loader, ttl_s)

    async def set(self, key: str, value: str, ttl_s: float | None = None) -> None:
        self.asked.append(("set", key))
        self.given[key] = len(value), ttl_s
        await super().set(key, value, ttl_s)

    async def delete(self, key: str) -> None:
        self.asked.append(("delete", key))
        await super().delete(key)


def _caller(subject: _Noted, trace: Trace) -> tuple[Caller, Recorder]:
    values = Values(1, Data())
    use_values_of(trace, values)
    ledger, recorder = Ledger(values), Recorder()
    loader = Origin(ledger, 0).load
    caller = Caller(subject, ledger, CodeBook(), recorder.record, loader, ttl_of=values.ttl_s)
    return caller, recorder


async def test_a_replay_asks_for_exactly_what_the_trace_holds() -> None:
    """In its order, one operation after the other."""
    trace, subject = read_trace(CSV, "tiny.csv"), _Noted()
    caller, recorder = _caller(subject, trace)
    assert await replay(trace, caller) == len(recorder.samples()) == 7
    assert subject.asked == ASKED


async def test_sizes_and_ttls_of_the_trace_reach_the_subject() -> None:
    """A write has the size that its key has last and the TTL of its last write."""
    trace, subject = read_trace(CSV, "tiny.csv"), _Noted()
    await replay(trace, _caller(subject, trace)[0])
    assert subject.given == {"a": (300, None), "b": (400, 5.0)}


async def test_what_a_subject_lacks_is_left_out() -> None:
    """Nobody is asked for what he can't do; the rest keeps its order."""
    trace, subject = read_trace(CSV, "tiny.csv"), _Noted("delete", "set")
    assert await replay(trace, _caller(subject, trace)[0]) == 3
    assert subject.asked == [each for each in ASKED if each[0] == "get"]


async def test_a_real_trace_is_asked_for_key_by_key() -> None:
    """All 76,118 requests of web07, in their order."""
    path = REAL / "web07.trace.xz"
    if not path.exists():
        pytest.skip(f"the real traces are not there: {path} is missing")
    file = StoredFile(sha256="", name=path.name, content=path.read_bytes())
    trace, subject = trace_of(TraceLoad(trace=""), file, 1), _Noted()
    assert await replay(trace, _caller(subject, trace)[0]) == 76_118
    recorded = read_trace(file.content, file.name)
    assert subject.asked == [("get", recorded.keys[key]) for key in recorded.key_ids.tolist()]


async def test_a_timed_replay_sends_when_it_was_recorded() -> None:
    """As many times faster as it is told: here 2.75 seconds within 0.0275."""
    trace, subject = read_trace(CSV, "tiny.csv"), _Noted()
    caller, recorder = _caller(subject, trace)
    load = TraceLoad(trace="", timed=True, rate_scale=100.0, max_in_flight=2)
    outcome = await replay_timed(trace, load, caller)
    due_ns = [0, 10_000_000, 15_000_000, 20_000_000, 22_500_000, 25_000_000, 27_500_000]
    assert (outcome.offered, outcome.done, outcome.dropped) == (7, 7, 0)
    assert sorted((outcome.due_ns - outcome.began_ns).tolist()) == due_ns
    sent_ns = recorder.samples().start_ns
    assert sorted(subject.asked) == sorted(ASKED)
    assert (sent_ns >= outcome.due_ns).all()
    assert (sent_ns < outcome.due_ns + 20 * NS_PER_S).all()


def test_the_schedule_is_the_recorded_times_scaled() -> None:
    """Exactly: each second spread over its requests."""
    trace = read_trace(CSV, "tiny.csv")
    seconds = np.array([0, 1, 1.5, 2, 2.25, 2.5, 2.75])
    assert due_ns_of(trace, 1.0).tolist() == (seconds * NS_PER_S).astype(int).tolist()
    assert due_ns_of(trace, 0.5).tolist() == (seconds * 2 * NS_PER_S).astype(int).tolist()
    assert int(due_ns_of(trace, 1e-300).min()) == 0
    with pytest.raises(TraceLoadError, match="no recorded times"):
        due_ns_of(Trace.of_reads(np.array([1])), 1.0)


def test_a_recorded_size_of_zero_is_none() -> None:
    """It stands for a read that missed and for a delete, and counts where there is no other."""
    lines = b"0,a,1,70,1,get,0\n0,a,1,90,1,get,0\n1,a,1,0,1,delete,0\n1,b,1,0,1,get,0\n"
    assert sizes_of(read_trace(lines, "tiny.csv")) == {"a": 90, "b": 0}


def test_keys_live_as_long_as_their_last_write_says() -> None:
    """None is what the subject does by itself; a key that was never written has no TTL."""
    assert ttls_of(read_trace(CSV, "tiny.csv")) == {"a": None, "b": 5.0}


def test_a_trace_is_synthetic_where_none_is_named_and_cut_where_asked() -> None:
    """The same for the same seed."""
    load = TraceLoad(requests=500, distinct_keys=40)
    first, again, other = (list(trace_of(load, None, seed)) for seed in (1, 1, 2))
    assert len(first) == 500
    assert first == again != other
    file = StoredFile(sha256="", name="tiny.csv", content=CSV)
    assert len(trace_of(TraceLoad(trace="x", requests=3), file, 1)) == 3


@pytest.mark.parametrize("shards", [2, 3])
def test_workers_replay_a_trace_together(shards: int) -> None:
    """Each its own keys in their order; together exactly what one would, whatever the scale."""
    load = TraceLoad(requests=500, distinct_keys=40, key_scale=2.0)
    whole = list(trace_of(load, None, 1))
    parts = [list(trace_of(load, None, 1, Part(shard=s, shards=shards))) for s in range(shards)]
    assert sorted(chain(*parts)) == sorted(whole)
    for part in parts:
        own = {request.key for request in part}
        assert part == [request for request in whole if request.key in own]
