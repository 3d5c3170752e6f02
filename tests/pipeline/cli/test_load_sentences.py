"""Loads, keys and data as people write them: one clear sentence for each kind."""

from dataclasses import replace

import pytest

from pipeline.cli.data_sentences import of_data
from pipeline.cli.load_sentences import in_short, of_keys, of_load
from pipeline.data import Data, Sizes, TtlShare
from pipeline.load import ClosedLoad, KeyChoice, Load, OpenLoad, SearchLoad, TraceLoad

CLOSED = ClosedLoad(users=10, duration_s=3, mix={"get": 9, "set": 1})
OPEN = OpenLoad(rate=1_000, duration_s=10, mix={"get": 1})
RISING = replace(OPEN, rate=100, to_rate=2_000)


@pytest.mark.parametrize(
    ("load", "sentence", "short"),
    [
        (CLOSED, "closed, 10 users, 3 s: get 9, set 1", "closed, 10 users"),
        (ClosedLoad(operations=1), "closed, 1 user, 1 operation: get 1", "closed, 1 user"),
        (
            ClosedLoad(users=1_000, operations=20, think_time_s=0.005, loader=False),
            "closed, 1,000 users, 20 operations each, think 5 ms: get 1, no origin",
            "closed, 1,000 users",
        ),
        (
            ClosedLoad(operations=2_000, mix={"scan": 1}, batch=50, loader_time_s=1.5),
            "closed, 1 user, 2,000 operations: scan 1, 50 keys a batch, origin 1.5 s",
            "closed, 1 user",
        ),
        (OPEN, "open, poisson, 1,000/s for 10 s, 64 in flight: get 1", "open, 1,000/s"),
        (
            replace(RISING, arrivals="stepped"),
            "open, stepped, 100 to 2,000/s in 5 steps for 10 s, 64 in flight: get 1",
            "open, 100 to 2,000/s",
        ),
        (
            replace(RISING, arrivals="ramped", rate=0.5),
            "open, ramped, 0.5 to 2,000/s for 10 s, 64 in flight: get 1",
            "open, 0.5 to 2,000/s",
        ),
        (
            replace(RISING, arrivals="bursty", burst_every_s=2.0, burst_s=0.1),
            "open, bursty, 100/s and 2,000/s for 100 ms of every 2 s for 10 s, 64 in flight: get 1",
            "open, 100 to 2,000/s",
        ),
        (
            SearchLoad(p99_below_ms=10),
            (
                "search, the highest rate with p99 below 10 ms, from 500/s up to 200,000/s, "
                "trials of 2 s: get 1"
            ),
            "search, p99 < 10 ms",
        ),
        (TraceLoad(), "trace, 1 user replays a synthetic trace of 2,000 keys", "trace"),
        (
            TraceLoad(trace="a.csv", requests=9_000),
            "trace, 1 user replays 9,000 requests of a.csv",
            "trace",
        ),
        (
            TraceLoad(trace="a.csv", timed=True, rate_scale=2.0),
            "trace, 2 times as fast, 64 in flight: a.csv",
            "trace, timed",
        ),
    ],
)
def test_each_kind_of_load_is_one_sentence(load: Load, sentence: str, short: str) -> None:
    """What decides its figures is in it."""
    assert of_load(load) == sentence
    assert in_short(load) == short


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (KeyChoice(), "uniform"),
        (KeyChoice(distribution="sequential"), "sequential"),
        (KeyChoice(distribution="zipf", exponent=1.2), "zipf 1.2"),
        (KeyChoice(distribution="zipf", scrambled=True), "zipf 0.99, scrambled"),
        (KeyChoice(distribution="latest"), "latest 0.99"),
        (KeyChoice(distribution="hotspot", hot_keys=0.1), "hotspot, 80% to 10% of the keys"),
        (
            KeyChoice(distribution="moving_hotspot", move_every=2_000),
            "moving_hotspot, 80% to 20% of the keys, moves every 2,000",
        ),
    ],
)
def test_a_choice_of_keys_says_what_shapes_it(keys: KeyChoice, words: str) -> None:
    """And nothing that means nothing to it."""
    assert of_keys(replace(CLOSED, keys=keys)) == words


def test_a_replays_keys_are_those_recorded() -> None:
    """Unless it takes fewer or more of them."""
    assert of_keys(TraceLoad()) == "as recorded"
    assert of_keys(TraceLoad(key_scale=0.1)) == "as recorded, x 0.1"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (Data(), "200 keys of simple"),
        (Data(sizes=Sizes(bytes=2_048)), "200 keys of simple; values of 2 KiB, compressible"),
        (
            Data(sizes=Sizes(distribution="uniform", max_bytes=1_000, compressible=False)),
            "200 keys of simple; values of 1 B to 1,000 B, incompressible",
        ),
        (
            Data(sizes=Sizes(distribution="lognormal")),
            (
                "200 keys of simple; values log-normal round 230 B, sigma 1, 1 B to 1 MiB, "
                "compressible"
            ),
        ),
        (
            Data(ttls=(TtlShare(ttl_s=60, weight=3), TtlShare(weight=1))),
            "200 keys of simple; TTL 60 s 75%, default 25%",
        ),
    ],
)
def test_data_are_told_with_sizes_and_ttls(data: Data, words: str) -> None:
    """Those that a scenario says nothing about are left out."""
    assert of_data(data) == words
