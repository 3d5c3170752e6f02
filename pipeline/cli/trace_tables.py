"""Tells and draws what a trace is like."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.cli.consoles import new_table
from pipeline.cli.pictures import bar
from pipeline.trace.statistics import TraceStatistics

CACHE_SIZES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Shares of the distinct keys that the caches hold whose hit ratio is told."""

_BAR_WIDTH = 50
_TIME_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))
_SIZE_UNITS = ((1 << 20, "MiB"), (1 << 10, "KiB"))


def told(name: str, statistics: TraceStatistics) -> dict[str, Any]:
    """All figures of a trace, as JSON has them.

    Args:
        name: What the file is called.
        statistics: What it is like.
    """
    requests, keys = statistics.requests, statistics.distinct_keys
    popularity = statistics.popularity
    return {
        "file": name,
        "requests": requests,
        "distinct_keys": keys,
        "one_hit_wonders": {
            "keys": popularity.one_hit_wonders,
            "share": popularity.one_hit_wonders / keys,
        },
        "operations": {
            operation: {"requests": count, "share": count / requests}
            for operation, count in statistics.operations.items()
        },
        "popularity": {
            "zipf_exponent": popularity.zipf_exponent(),
            "fitted_ranks": popularity.fitted_ranks,
            "top_1_percent": popularity.top_share(0.01),
            "top_10_percent": popularity.top_share(0.1),
        },
        "value_bytes": statistics.value_bytes and asdict(statistics.value_bytes),
        "ttls_s": statistics.ttls_s and asdict(statistics.ttls_s),
        "times": _times(statistics),
        **_reuse(statistics),
    }


def draw(figures: Mapping[str, Any]) -> RenderableType:
    """What was told as a table, the hit ratios of LRU with bars below it."""
    table = new_table()
    table.add_column(Text(figures["file"]), no_wrap=True)
    table.add_column()
    for name, value in _rows(figures):
        table.add_row(name, value)
    return table if figures["lru"] is None else Group(table, Text(), _draw_lru(figures))


def _times(statistics: TraceStatistics) -> dict[str, Any] | None:
    times = statistics.times
    if times is None:
        return None
    rate = statistics.requests / times.duration_s if times.duration_s else None
    return {**asdict(times), "mean_per_s": rate}


def _reuse(statistics: TraceStatistics) -> dict[str, Any]:
    reuse = statistics.reuse
    if reuse is None:
        return {"reuse": None, "lru": None}
    held = {share: max(1, round(share * statistics.distinct_keys)) for share in CACHE_SIZES}
    return {
        "reuse": {
            "median_keys": reuse.quantile(0.5),
            "p90_keys": reuse.quantile(0.9),
            "sampled_share": reuse.share,
        },
        "lru": [
            {"share": share, "keys": keys, "hit_ratio": reuse.lru_hit_ratio(keys)}
            for share, keys in held.items()
        ],
    }


def _rows(figures: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    popularity, rare = figures["popularity"], figures["one_hit_wonders"]
    yield "requests", f"{figures['requests']:,}"
    yield "distinct keys", f"{figures['distinct_keys']:,}"
    yield "one-hit wonders", f"{rare['keys']:,} ({rare['share']:.1%} of the keys)"
    yield (
        "operations",
        ", ".join(
            f"{name} {each['share']:.1%}"
            for name, each in figures["operations"].items()
            if each["requests"]
        ),
    )
    yield "skew", _skew(popularity)
    yield "hottest 1 % of keys", f"{popularity['top_1_percent']:.1%} of the requests"
    yield "hottest 10 % of keys", f"{popularity['top_10_percent']:.1%} of the requests"
    yield "value sizes", _spread(figures["value_bytes"], _bytes)
    yield "TTLs of writes", _spread(figures["ttls_s"], _seconds)
    yield "times", _pace(figures["times"])
    yield "reuse distance", _distance(figures["reuse"])


def _skew(popularity: Mapping[str, Any]) -> str:
    if popularity["zipf_exponent"] is None:
        return "can't be told: fewer than two keys are asked for twice"
    keys = f"{popularity['fitted_ranks']:,} keys with 2 requests or more"
    return f"Zipf exponent {popularity['zipf_exponent']:.2f} (fitted to {keys})"


def _spread(spread: Mapping[str, int] | None, unit: Any) -> str:
    if spread is None:
        return "none recorded"
    parts = {"from": "smallest", "median": "median", "p99": "p99", "to": "largest"}
    told_parts = ", ".join(f"{name} {unit(spread[key])}" for name, key in parts.items())
    return f"{told_parts} ({spread['count']:,} of them)"


def _pace(times: Mapping[str, Any] | None) -> str:
    if times is None:
        return "none recorded"
    mean = "" if times["mean_per_s"] is None else f", {times['mean_per_s']:,.1f} requests a second"
    return f"{_seconds(times['duration_s'])}{mean}, at most {times['peak_per_s']:,} in one"


def _distance(reuse: Mapping[str, Any] | None) -> str:
    if reuse is None:
        return "nothing is read"
    if reuse["median_keys"] is None:
        return "no key is read again"
    share = reuse["sampled_share"]
    sampled = "" if share == 1 else f" (sampled: {share:.1%} of the keys, SHARDS)"
    median, p90 = reuse["median_keys"], reuse["p90_keys"]
    return f"median {median:,.0f}, p90 {p90:,.0f} other keys in between{sampled}"


def _draw_lru(figures: Mapping[str, Any]) -> Table:
    table = new_table("hit ratio of LRU by the share of the keys that it holds")
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("keys", justify="right", no_wrap=True)
    table.add_column("hit ratio", justify="right", no_wrap=True)
    table.add_column()
    for row in figures["lru"]:
        ratio = row["hit_ratio"]
        drawn = bar(ratio, 1.0, _BAR_WIDTH)
        table.add_row(f"{100 * row['share']:g} %", f"{row['keys']:,}", f"{ratio:.1%}", drawn)
    return table


def _bytes(size: float) -> str:
    return _in_units(size, _SIZE_UNITS, "B")


def _seconds(seconds: float) -> str:
    return _in_units(seconds, _TIME_UNITS, "s")


def _in_units(figure: float, units: tuple[tuple[int, str], ...], smallest: str) -> str:
    for factor, unit in units:
        if figure >= factor:
            return f"{figure / factor:,.3g} {unit}"
    return f"{figure:,.4g} {smallest}"
