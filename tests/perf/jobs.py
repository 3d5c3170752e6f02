"""Jobs done in this process by the code that a worker does them with, and what they measured."""

from collections.abc import Iterable
from typing import Any, Final

from pipeline.data import Data
from pipeline.load import ClosedLoad, KeyChoice
from pipeline.scenario import JobSpec, Phase
from pipeline.subject import SubjectSettings
from results.attempt_result import AttemptResult, Interval, PhaseSpan
from results.histogram import Histogram
from tests.perf.bench import Bench
from tests.perf.errors import PerfError, WrongAnswersError
from tests.workers.scenarios import a_spec, an_assignment
from workers.execute import execute

KEYS: Final = 200
IN_MEMORY: Final = SubjectSettings(
    enable_l2=False, enable_l3=False, enable_warming=False, l1_max_size=10 * KEYS
)
FILL: Final = Phase(
    name="fill",
    warmup=True,
    load=ClosedLoad(operations=KEYS, keys=KeyChoice(distribution="sequential")),
)


def a_job(*phases: Phase, subject: str = "multilevel", **scenario: Any) -> JobSpec:
    """Return a job on a subject that keeps its values in memory alone."""
    data = Data(kind="simple", keys=KEYS)
    return a_spec(*phases, subject=subject, settings=IN_MEMORY, data=data, **scenario)


async def do(bench: Bench, spec: JobSpec) -> AttemptResult:
    """Do a job to its end.

    Raises:
        PerfError: It failed.
    """
    url = bench.database_url("jobs")
    result = await execute(an_assignment(spec, "perf:", bench.redis_url, url))
    if result.error is not None:
        raise PerfError(f"a job failed: {result.error}")
    return result


def span_of(result: AttemptResult, phase: str) -> PhaseSpan:
    """Return when a phase ran."""
    return next(span for span in result.phases if span.phase == phase)


def times_of(intervals: Iterable[Interval], phase: str, tier: str) -> Histogram:
    """Return the times of all operations of a phase.

    Raises:
        WrongAnswersError: Another tier answered some, or they failed.
    """
    seen = [each for each in intervals if each.phase == phase]
    others = {f"{each.tier} ({each.outcome})" for each in seen} - {f"{tier} (ok)"}
    if others:
        raise WrongAnswersError(f"{phase}: {', '.join(sorted(others))} answered beside {tier}")
    return Histogram.merge(each.histogram for each in seen)
