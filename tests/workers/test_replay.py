"""Replay of traces."""

from pipeline.scenario import TraceLoad
from pipeline.trace import read_trace
from results.records import StoredFile
from tests.workers.scenarios import DictSubject
from workers.caller import Caller
from workers.ledger import Ledger
from workers.origin import Origin
from workers.recorder import CodeBook, Recorder
from workers.replay import replay, sizes_of, trace_of
from workers.subjects.base import Loader, Served
from workers.values import Values

CSV = b"0,a,1,100,1,set,0\n1,b,1,500,1,get,0\n2,a,1,300,1,get,0\n3,b,1,500,1,delete,0\n"


class _Noted(DictSubject):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []

    async def get(self, key: str, loader: Loader | None) -> Served:
        self.asked.append(("get", key))
        return await super().get(key, loader)

    async def set(self, key: str, value: object) -> None:
        self.asked.append(("set", key))
        await super().set(key, value)

    async def delete(self, key: str) -> None:
        self.asked.append(("delete", key))
        await super().delete(key)


async def test_a_replay_asks_for_exactly_what_the_trace_holds() -> None:
    """In its order, one operation after the other."""
    trace = read_trace(CSV, "tiny.csv")
    subject, ledger, recorder = _Noted(), Ledger(Values(1, "simple")), Recorder()
    caller = Caller(subject, ledger, CodeBook(), recorder.record, Origin(ledger, 0).load)
    assert await replay(trace, caller) == len(recorder.samples()) == 4
    assert subject.asked == [("set", "a"), ("get", "b"), ("get", "a"), ("delete", "b")]


def test_values_have_the_sizes_that_the_trace_gives_their_keys() -> None:
    """The last size of a key counts; keys of no trace keep the scenario's values."""
    values = Values(1, "simple")
    values.use_sizes(sizes_of(read_trace(CSV, "tiny.csv")))
    assert len(values.value("a", 3)) == 300
    assert len(values.value("b", 0)) == 500
    assert values.value("a", 3) != values.value("a", 4)
    assert values.value("simple:1", 0).startswith("value of simple:1")


def test_a_trace_is_synthetic_where_none_is_named_and_cut_where_asked() -> None:
    """The same for the same seed."""
    load = TraceLoad(requests=500, distinct_keys=40)
    first, again, other = (list(trace_of(load, None, seed)) for seed in (1, 1, 2))
    assert len(first) == 500
    assert first == again != other
    file = StoredFile(sha256="", name="tiny.csv", content=CSV)
    assert len(trace_of(TraceLoad(trace="x", requests=3), file, 1)) == 3
