"""Traces with fewer or more keys, and their shards: nothing is lost, doubled or out of order."""

from collections import Counter

import numpy as np
import pytest

from pipeline.errors import TraceLoadError
from pipeline.load import TraceLoad
from pipeline.trace import Trace, portion_of, read_trace, shard_of, synthetic_trace

CSV = b"0,a,1,10,1,get,0\n0,b,1,20,1,set,60\n2,a,1,10,1,delete,0\n"


def _portion(trace: Trace, **load: object) -> Trace:
    return portion_of(trace, TraceLoad(**load), "some.csv")  # type: ignore[arg-type]  # any keys


def _asked(trace: Trace) -> list[tuple[str, str]]:
    return [(request.operation, request.key) for request in trace]


@pytest.fixture(scope="module")
def large() -> Trace:
    """A skewed trace of 20,000 requests."""
    return synthetic_trace(5, 20_000, 2_000)


def test_the_whole_trace_is_replayed_as_it_is(large: Trace) -> None:
    """Where no scale and no limit is set."""
    assert _asked(_portion(large)) == _asked(large)
    assert _asked(_portion(large, requests=7)) == _asked(large)[:7]


def test_a_sample_has_whole_keys_in_their_order(large: Trace) -> None:
    """A key is in it with all its requests, or not at all."""
    sample = _asked(_portion(large, key_scale=0.25))
    kept = {key for _, key in sample}
    assert sample == [request for request in _asked(large) if request[1] in kept]


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_a_sample_has_its_share_of_the_keys(share: float) -> None:
    """Within four deviations of a fair draw; a larger sample holds all of a smaller one."""
    keys = 20_000
    trace = Trace.of_reads(np.arange(keys))
    sample = {key for _, key in _asked(_portion(trace, key_scale=share))}
    assert abs(len(sample) - share * keys) < 4 * (share * (1 - share) * keys) ** 0.5
    assert sample < {key for _, key in _asked(_portion(trace, key_scale=2 * share))} | {""}


def test_the_same_keys_are_chosen_on_every_machine() -> None:
    """These, whatever Python hashes them to."""
    trace = Trace.of_reads(np.arange(20))
    sample = [request.key for request in _portion(trace, key_scale=0.25)]
    shard = [request.key for request in shard_of(trace, 1, 4)]
    assert (sample, shard) == (["7", "11", "18"], ["0", "1", "7", "8", "13"])


def test_a_copied_key_has_all_its_requests() -> None:
    """Each request is made for one copy after the other, in the time to the next."""
    copies = _portion(read_trace(CSV, "a.csv"), key_scale=2.0)
    assert [tuple(request) for request in copies] == [
        ("get", "0:a", 10, 0),
        ("get", "1:a", 10, 0),
        ("set", "0:b", 20, 60),
        ("set", "1:b", 20, 60),
        ("delete", "0:a", 10, 0),
        ("delete", "1:a", 10, 0),
    ]
    assert copies.times_ns is not None
    seconds = [0.0, 0.25, 0.5, 1.25, 2.0, 2.0]
    assert copies.times_ns.tolist() == [int(second * 1e9) for second in seconds]


def test_copies_have_the_popularity_of_what_they_copy(large: Trace) -> None:
    """Three copies are three times as many keys, each asked for as often as before."""
    before = Counter(key for _, key in _asked(large)).values()
    after = Counter(key for _, key in _asked(_portion(large, key_scale=3))).values()
    assert sorted(after) == sorted([*before] * 3)


def test_a_limit_holds_for_what_is_replayed(large: Trace) -> None:
    """It cuts the scaled trace."""
    for scale in (0.25, 1.0, 3.0):
        scaled = _asked(_portion(large, key_scale=scale))
        assert _asked(_portion(large, key_scale=scale, requests=100)) == scaled[:100]


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        ({"key_scale": 1.5}, "whole number of copies, got 1.5"),
        ({"key_scale": 1e-9}, "leaves none of the 2 keys of some.csv; raise it"),
        ({"timed": True}, "some.csv has no recorded times"),
    ],
)
def test_what_does_not_fit_a_trace_is_told(load: dict[str, object], expected: str) -> None:
    """In one line that says which key of the load to change."""
    with pytest.raises(TraceLoadError, match=expected):
        _portion(Trace.of_reads(np.array([1, 2, 1])), **load)


def test_too_many_copies_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before they are made."""
    monkeypatch.setattr("pipeline.trace.scaling.MAX_REQUESTS", 10)
    trace = Trace.of_reads(np.arange(6))
    with pytest.raises(TraceLoadError, match="2 copies of some"):
        _portion(trace, key_scale=2)
    assert len(_portion(trace, key_scale=2, requests=9)) == 9


@pytest.mark.parametrize("shards", [1, 2, 3, 7])
def test_shards_are_the_whole_trace(large: Trace, shards: int) -> None:
    """Each request is in one of them; a key in one only, with its requests in their order."""
    parts = [_asked(shard_of(large, shard, shards)) for shard in range(shards)]
    owner = {key: number for number, part in enumerate(parts) for _, key in part}
    for number, part in enumerate(parts):
        assert part == [request for request in _asked(large) if owner[request[1]] == number]
    assert all(len(part) > len(large) / shards / 3 for part in parts)


def test_shards_keep_the_times_of_the_whole() -> None:
    """A part of a trace is replayed when it was recorded, not when the part began."""
    trace = read_trace(CSV, "a.csv")
    whole = trace.times_ns
    parts = [shard_of(trace, shard, 3).times_ns for shard in range(3)]
    assert whole is not None
    assert np.sort(np.concatenate([p for p in parts if p is not None])).tolist() == whole.tolist()
