"""The table of what must be reached: each row once, with its bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Sense = Literal["<=", ">=", ">"]


@dataclass(frozen=True, slots=True)
class Bar:
    """What a row's ratio must reach.

    Attributes:
        sense: On which side of the limit the ratio must lie.
        limit: The limit, in `unit`.
        unit: `x` (times), `%` (share), `pt` (points of a percentage), `ops/s`, `us`, `ms`, `s`
            or `B`.
    """

    sense: Sense
    limit: float
    unit: str = "x"

    def is_met_by(self, ratio: float) -> bool:
        """Whether the ratio lies on the right side of the limit."""
        if self.sense == "<=":
            return ratio <= self.limit
        return ratio > self.limit if self.sense == ">" else ratio >= self.limit


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what is compared with what, and the bar."""

    what: str
    other: str
    bar: Bar


ROWS: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "l1-hit-await": Row("L1 hit, str", "empty await", Bar("<=", 4)),
        "l1-hit-cashews": Row("L1 hit, str", "cashews memory", Bar(">=", 10)),
        "l1-hit-aiocache": Row("L1 hit, str", "aiocache memory", Bar(">=", 35)),
        "l1-hit-dict": Row("L1 hit, 200-byte dict", "cashews memory", Bar(">=", 3)),
        "l1-steady-time": Row("L1 hit after a million", "after ten reads", Bar("<=", 1.1)),
        "l1-steady-bytes": Row("memory after a million", "after ten reads", Bar("<=", 16_384, "B")),
        "l2-hit-coredis": Row("L2 hit, 64 tasks", "coredis get", Bar(">=", 6)),
        "l2-hit-redis-py": Row("L2 hit, 64 tasks", "redis-py get", Bar(">=", 5)),
        "l2-hit-pipelined": Row("L2 hit, 64 tasks", "own protocol", Bar(">=", 35, "%")),
        "l2-hit-one": Row("L2 hit, one at a time", "coredis get", Bar("<=", 1.15)),
        "l3-hit-us": Row("L3 hit, 64 tasks", "-", Bar("<=", 30, "us")),
        "l3-hit-aiosqlite": Row("L3 hit, 64 tasks", "aiosqlite, each", Bar(">=", 15)),
        "set-commits": Row("set, 64 tasks, L2 and L3", "a commit each", Bar(">=", 5)),
        "warm-l2": Row("warm_cache from L2", "get, each", Bar(">=", 10)),
        "warm-l3": Row("warm_cache from L3", "get, each", Bar(">=", 10)),
        "hit-ratio-lru": Row("L1 hit ratio, mean", "LRU", Bar(">", 0, "pt")),
        "hit-ratio-theine": Row("L1 hit ratio, mean", "theine W-TinyLFU", Bar(">", 0, "pt")),
        "hit-ratio-worst": Row("L1 hit ratio, worst", "LRU", Bar(">", -2, "pt")),
        "l1-memory": Row("L1 entry's own memory", "-", Bar("<=", 250, "B")),
        "record-rate": Row("recorded, closed loop", "-", Bar(">=", 400_000, "ops/s")),
        "record-cost": Row("recorded operation", "not recorded", Bar("<=", 0.5, "us")),
        "open-loop-lag": Row("p99 behind schedule", "at half its limit", Bar("<=", 2, "ms")),
        "worker-p50": Row("L1 hit in a worker, p50", "outside of one", Bar("<=", 1.1)),
        "worker-p99": Row("L1 hit in a worker, p99", "outside of one", Bar("<=", 1.1)),
        "check-history": Row("1,000,000 checked", "-", Bar("<=", 60, "s")),
        "merge-histograms": Row("1,000 attempts merged", "-", Bar("<=", 3, "s")),
        "report-jobs": Row("report of 1,000 jobs", "-", Bar("<=", 2, "s")),
        "store-rows-sqlite": Row("rows stored, SQLite", "-", Bar(">=", 20_000, "ops/s")),
        "store-rows-postgresql": Row("rows stored, PostgreSQL", "-", Bar(">=", 20_000, "ops/s")),
        "history-query-sqlite": Row("1,000 points, SQLite", "-", Bar("<=", 100, "ms")),
        "history-trends-sqlite": Row("trends, more than help", "bench --help", Bar("<=", 1.2, "s")),
        "history-detect-sqlite": Row("detect, 200 x 500", "-", Bar("<=", 10, "s")),
        "history-query-postgresql": Row("1,000 points, PostgreSQL", "-", Bar("<=", 100, "ms")),
        "history-trends-postgresql": Row(
            "trends, on PostgreSQL", "bench --help", Bar("<=", 1.2, "s")
        ),
        "history-detect-postgresql": Row("detect, on PostgreSQL", "-", Bar("<=", 10, "s")),
        "help-time": Row("bench --help", "empty application", Bar("<=", 1.3)),
        "detect-step": Row("10 % found in 5 points", "noise of 3 %", Bar(">=", 95, "%")),
        "detect-alarms": Row("unchanged, with alarm", "noise of 1 to 5 %", Bar("<=", 2, "%")),
        "detect-series": Row("200 series of 500 points", "-", Bar("<=", 10, "s")),
        "compare-aa": Row("metrics unchanged", "-", Bar(">=", 98, "%")),
    }
)
