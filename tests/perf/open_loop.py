"""How late an open loop sends what is due, at half of the rate that its subject can take."""

from typing import Final

from pipeline.load import OpenLoad, SearchLoad
from pipeline.scenario import Phase
from results.attempt_result import AttemptResult
from results.histogram import Histogram
from tests.perf.bench import Bench
from tests.perf.errors import PerfError
from tests.perf.jobs import FILL, a_job, do
from tests.perf.result import Measured
from tests.perf.rounds import Samples

NS_PER_S: Final = 1e9
MS_PER_S: Final = 1e3
P99_BELOW_MS: Final = 50.0
HIGHEST_RATE: Final = 1_000_000


async def measure(bench: Bench) -> list[Measured]:
    """Search for the limit of L1 hits, then ask for half of it, several times."""
    rate = await _limit(bench) / 2
    bench.say(f"  {rate:,.0f} operations due in a second")
    lags = Samples(tuple([await _lag_s(bench, rate) for _ in range(bench.sizes.slow_rounds)]))
    return [
        Measured(
            "open-loop-lag",
            lags.median * MS_PER_S,
            lags.median,
            ours_rounds=lags.values,
            spread=lags.spread,
        )
    ]


async def _limit(bench: Bench) -> float:
    load = SearchLoad(
        p99_below_ms=P99_BELOW_MS,
        from_rate=1_000,
        to_rate=HIGHEST_RATE,
        trial_s=bench.sizes.trial_s,
        resolution=0.1,
    )
    result = await do(bench, a_job(FILL, Phase(name="search", load=load)))
    rates = [each.rate for each in result.trials if each.held]
    if not rates:
        raise PerfError("no rate was slow enough for an open loop on memory")
    return max(rates)


async def _lag_s(bench: Bench, rate: float) -> float:
    load = OpenLoad(rate=rate, duration_s=bench.sizes.open_s)
    result = await do(bench, a_job(FILL, Phase(name="open", load=load)))
    return _lags(result).percentile_ns(99) / NS_PER_S


def _lags(result: AttemptResult) -> Histogram:
    return Histogram.merge(
        each.histogram
        for each in result.distributions
        if each.name == "schedule_lag" and not each.warmup
    )
