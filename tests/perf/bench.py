"""What every measurement is given: sizes, a server of the run's own, a folder, and a voice."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cache import CacheConfig

TTL_S: Final = 3600.0
TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is done in a round, and how many rounds there are.

    Attributes:
        rounds: Rounds of the quick contenders.
        slow_rounds: Rounds where one takes around a second.
        l1_reads: Reads of L1 in a round, by the quickest.
        long_reads: Reads of one key that must change nothing.
        l2_keys: Keys read from L2 in a round.
        one_keys: Keys of them read one at a time.
        l3_keys: Keys read from L3 in a round.
        sets: Keys written in a round.
        warm_keys: Keys warmed in a round.
        l1_entries: Entries of the tier whose memory is measured.
        trace_requests: The most requests replayed of a trace.
        recorded: Operations of a job's closed loop.
        open_s: Seconds of an open loop.
        trial_s: Seconds of one trial of a search.
        checked: Operations of a history that is checked.
        attempts: Attempts whose histograms are merged.
        jobs: Jobs of a run that is reported.
        stored_runs: Runs of a full results database, with 100 figures each.
        stored_seconds: Seconds of an attempt that is stored.
        labelled: Series of each kind on which the search for changes is judged.
        points: Points of each series on which it is timed.
        unchanged: Comparisons of unchanged runs, of every kind.
    """

    rounds: int = 15
    slow_rounds: int = 7
    l1_reads: int = 40_000
    long_reads: int = 1_000_000
    l2_keys: int = 6_400
    one_keys: int = 800
    l3_keys: int = 3_200
    sets: int = 640
    warm_keys: int = 1_000
    l1_entries: int = 100_000
    trace_requests: int = 1_000_000
    recorded: int = 400_000
    open_s: float = 3.0
    trial_s: float = 0.5
    checked: int = 1_000_000
    attempts: int = 1_000
    jobs: int = 1_000
    stored_runs: int = 10_000
    stored_seconds: int = 100
    labelled: int = 200
    points: int = 500
    unchanged: int = 20


FULL: Final = Sizes()
QUICK: Final = Sizes(
    rounds=2,
    slow_rounds=2,
    l1_reads=200,
    long_reads=2_000,
    l2_keys=128,
    one_keys=16,
    l3_keys=128,
    sets=64,
    warm_keys=32,
    l1_entries=1_000,
    trace_requests=5_000,
    recorded=2_000,
    open_s=0.1,
    trial_s=0.1,
    checked=4_000,
    attempts=10,
    jobs=10,
    stored_runs=200,
    stored_seconds=2,
    labelled=3,
    points=50,
    unchanged=1,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The place where one run measures.

    Attributes:
        sizes: How much is done.
        redis_url: A server that nobody else uses.
        folder: Where SQLite files may lie.
        traces: Where the recorded traces lie, if they do.
        say: Tells the user how far it is.
    """

    sizes: Sizes
    redis_url: str
    folder: Path
    traces: Path
    say: Callable[[str], None]

    def config(self, namespace: str, **overrides: Any) -> CacheConfig:
        """Return the settings of a cache whose values live through the whole run.

        Everything that costs time on a read is on as it is by default; limits of time are
        generous, because a busy machine must not turn a hit into a miss.
        """
        settings: dict[str, Any] = {
            "namespace": namespace,
            "l1_max_size": 20_000,
            "l1_default_ttl": TTL_S,
            "l2_url": self.redis_url,
            "l2_default_ttl": TTL_S,
            "l3_url": self.database_url(namespace),
            "l3_default_ttl": TTL_S,
            "l2_timeout_s": TIMEOUT_S,
            "l3_timeout_s": TIMEOUT_S,
        }
        return CacheConfig(**{**settings, **overrides})

    def database_url(self, name: str) -> str:
        """Return the URL of a SQLite file of that name."""
        return f"sqlite:///{self.folder / name}.db"
