"""How long it takes to merge what many attempts saw, and to report a run of many jobs."""

from tests.perf.bench import Bench
from tests.perf.result import Measured
from tests.perf.results_rows import merge_seconds, report_seconds


async def measure_merge(bench: Bench) -> list[Measured]:
    """Measure the aggregation of a run of one scenario, whose best round counts."""
    return [_measured("merge-histograms", merge_seconds(bench.sizes.attempts))]


async def measure_report(bench: Bench) -> list[Measured]:
    """Measure a report of an aggregated run, whose best round counts."""
    return [_measured("report-jobs", report_seconds(bench.sizes.jobs))]


def _measured(row: str, taken_s: float) -> Measured:
    return Measured(row, taken_s, taken_s)
