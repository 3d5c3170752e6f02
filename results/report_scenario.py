"""The part of a report that is about one scenario on one subject."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from results.details import Details
from results.expectation import Expectation, Judgement, Verdict
from results.moment import iso_time
from results.records import AttemptOutcome
from results.storage.history import AttemptRecord
from results.storage.planned import PlannedJobs
from results.storage.summaries import Summary

_NOT_YET = "the run is not aggregated yet"
_MAIN_FIGURES = (
    "throughput_ops_per_second",
    "p50_response_time_ms",
    "p95_response_time_ms",
    "p99_response_time_ms",
    "p99_service_time_ms",
    "hit_ratio",
    "error_rate",
    "highest_rate_ops_per_second",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRecords:
    """All that is stored of one scenario on one subject of a run.

    `peer` says that the subject is compared with the one under test and decides nothing. `merged`
    is None and `repeats` are empty before the run is aggregated.
    """

    jobs: PlannedJobs
    peer: bool
    merged: Summary | None
    repeats: Sequence[Summary]
    details: Details
    attempts: Sequence[AttemptRecord]
    job_errors: Sequence[tuple[str, str]]


def scenario_report(records: ScenarioRecords) -> dict[str, Any]:
    """The report of one scenario on one subject, as JSON-able data in a stable order."""
    merged = records.merged
    verdict = (merged.verdict if merged else None) or Verdict.UNKNOWN
    judgements = merged.judgements if merged else _unjudged(records.jobs.expectations)
    by_phase = dict(merged.metrics) if merged else {}
    metrics = dict(by_phase.pop(None, {}))
    details = records.details
    return {
        "success": verdict is Verdict.PASS,
        "verdict": verdict.value,
        "subject": records.jobs.subject,
        "peer": records.peer,
        "parameters": dict(records.jobs.parameters),
        "not_supported": details["unsupported"],
        "loop": details["loop"],
        "execution_time_seconds": metrics.pop("execution_time_seconds", 0.0),
        **count_tests(judgements),
        **metrics,
        "jobs": asdict(records.jobs.counts),
        "invalid_attempts": invalid_attempts(records.attempts),
        "repeats": [_repeat(summary, records.attempts) for summary in records.repeats],
        "spread": dict(_spread(records.repeats)),
        "phases": by_phase,
        "loops": details["loops"],
        "percentiles": details["percentiles"],
        "distributions": details["distributions"],
        "search": details["search"],
        "expectations": [_expectation(judgement) for judgement in judgements],
        # What older Tierbenches aggregated has none of those that are asked for with a default.
        "promises": details.get("promises", {}),
        "fault_windows": details["fault_windows"],
        "resilience": details.get("resilience", []),
        "changes": details.get("changes", []),
        "findings": details.get("findings", []),
        "attempts": list(_attempts(records.attempts)),
        "job_errors": [{"job": job, "error": error} for job, error in records.job_errors],
        "errors_by_kind": details["errors_by_kind"],
        "timeline": details["timeline"],
    }


def invalid_attempts(attempts: Iterable[AttemptRecord]) -> dict[str, Any]:
    """How many attempts were invalid, and how often for which reason."""
    reasons = Counter(
        each.reason or "" for each in attempts if each.outcome == AttemptOutcome.INVALID
    )
    return {"count": reasons.total(), "reasons": dict(reasons)}


def count_tests(judgements: Iterable[Judgement]) -> dict[str, int]:
    """How many expectations came to which verdict; those not supported count as no test."""
    verdicts = [judgement.verdict for judgement in judgements]
    return {
        "tests_passed": verdicts.count(Verdict.PASS),
        "tests_failed": verdicts.count(Verdict.FAIL),
        "tests_unknown": verdicts.count(Verdict.UNKNOWN),
    }


def _unjudged(expectations: Iterable[Expectation]) -> tuple[Judgement, ...]:
    return tuple(
        Judgement(expectation=each, verdict=Verdict.UNKNOWN, actual=None, reason=_NOT_YET)
        for each in expectations
    )


def _repeat(summary: Summary, attempts: Iterable[AttemptRecord]) -> dict[str, Any]:
    accepted = (each for each in attempts if each.outcome == AttemptOutcome.ACCEPTED)
    workers = [each.worker_id for each in accepted if each.repeat == summary.repeat]
    return {
        "repeat": summary.repeat,
        "worker": ", ".join(dict.fromkeys(workers)),
        "environment_class": summary.environment_class,
        "shared": summary.shared,
        **summary.metrics.get(None, {}),
    }


def _spread(repeats: Sequence[Summary]) -> Iterable[tuple[str, Mapping[str, float]]]:
    for name in _MAIN_FIGURES:
        metrics = (summary.metrics.get(None, {}) for summary in repeats)
        values = [of_repeat[name] for of_repeat in metrics if name in of_repeat]
        if values:
            yield name, {"min": min(values), "median": median(values), "max": max(values)}


def _expectation(judgement: Judgement) -> dict[str, Any]:
    expectation = judgement.expectation
    return {
        "metric": expectation.metric,
        "phase": expectation.phase,
        "operation": expectation.operation,
        "tier": expectation.tier,
        "relative_to_phase": expectation.relative_to_phase,
        "relative_to_subject": expectation.relative_to_subject,
        "relative_to_calibration": expectation.relative_to_calibration,
        "threshold": expectation.threshold,
        "expected": judgement.bound,
        "promised": expectation.promised or judgement.promised,
        "actual": judgement.actual,
        "verdict": judgement.verdict.value,
        "reason": judgement.reason,
    }


def _attempts(attempts: Iterable[AttemptRecord]) -> Iterator[dict[str, Any]]:
    """Each attempt, with what became of those before it: no job is done again in silence."""
    earlier: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in attempts:
        before = earlier[record.job_id]
        yield {**_attempt(record), "after": list(before)}
        before.append({"number": record.number, "outcome": record.outcome, "reason": record.reason})


def _attempt(record: AttemptRecord) -> dict[str, Any]:
    return {
        "job": record.job_id,
        "repeat": record.repeat,
        "shard": record.shard,
        "number": record.number,
        "worker": record.worker_id,
        "host": record.host,
        "outcome": record.outcome,
        "reason": record.reason,
        "started": iso_time(record.started_at),
        "ended": iso_time(record.ended_at),
        "shared": record.shared,
    }
