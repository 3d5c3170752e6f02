"""The part of a report that is about one scenario on one subject."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from results.expectation import Expectation, Judgement, Verdict
from results.figures import OK, AcceptedAttempt, Figures
from results.storage.history import AttemptRecord
from results.storage.planned import PlannedJobs
from results.storage.summaries import Summary
from results.timeline import timeline

_NS_PER_MS = 1_000_000
_PERCENTILES = {"p50_ms": 50.0, "p95_ms": 95.0, "p99_ms": 99.0, "p99_9_ms": 99.9}
_NOT_YET = "the run is not aggregated yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRecords:
    """All that is stored of one scenario on one subject of a run."""

    jobs: PlannedJobs
    merged: Summary | None
    repeats: Sequence[Summary]
    accepted: Sequence[AcceptedAttempt]
    attempts: Sequence[AttemptRecord]
    job_errors: Sequence[tuple[str, str]]


def scenario_report(records: ScenarioRecords) -> dict[str, Any]:
    """The report of one scenario on one subject, as JSON-able data in a stable order."""
    merged = records.merged
    verdict = (merged.verdict if merged else None) or Verdict.UNKNOWN
    judgements = merged.judgements if merged else _unjudged(records.jobs.expectations)
    by_phase = dict(merged.metrics) if merged else {}
    metrics = by_phase.pop(None, {})
    figures = Figures(records.accepted)
    return {
        "success": verdict is Verdict.PASS,
        "verdict": verdict.value,
        "subject": records.jobs.subject,
        "parameters": dict(records.jobs.parameters),
        "execution_time_seconds": metrics.pop("execution_time_seconds", 0.0),
        **count_tests(judgements),
        **metrics,
        "jobs": asdict(records.jobs.counts),
        "repeats": [_repeat(summary, records.accepted) for summary in records.repeats],
        "phases": by_phase,
        "percentiles": _percentiles(figures),
        "expectations": [_expectation(judgement) for judgement in judgements],
        "fault_windows": [window for each in records.accepted for window in _windows(each)],
        "attempts": [_attempt(each) for each in records.attempts],
        "job_errors": [{"job": job, "error": error} for job, error in records.job_errors],
        "errors_by_kind": _errors_by_kind(records.accepted),
        "timeline": timeline(records.accepted),
    }


def iso_time(at_s: float | None) -> str | None:
    """A time in seconds since the epoch as ISO 8601 in UTC, to the millisecond."""
    if at_s is None:
        return None
    text = datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


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


def _repeat(summary: Summary, accepted: Iterable[AcceptedAttempt]) -> dict[str, Any]:
    workers = [each.worker_id for each in accepted if each.repeat == summary.repeat]
    return {
        "repeat": summary.repeat,
        "worker": ", ".join(dict.fromkeys(workers)),
        "environment_class": summary.environment_class,
        "shared": summary.shared,
        **summary.metrics.get(None, {}),
    }


def _percentiles(figures: Figures) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for operation, tier in figures.served():
        tiers = found.setdefault(operation, {"all": _times(figures, operation, None)})
        tiers[tier] = _times(figures, operation, tier)
    return found


def _times(figures: Figures, operation: str, tier: str | None) -> dict[str, float]:
    times = figures.histogram(None, operation, tier)
    return {
        "count": times.count,
        "mean_ms": times.mean_ns / _NS_PER_MS,
        **{name: times.percentile_ns(each) / _NS_PER_MS for name, each in _PERCENTILES.items()},
        "max_ms": times.max_ns / _NS_PER_MS,
    }


def _expectation(judgement: Judgement) -> dict[str, Any]:
    expectation = judgement.expectation
    return {
        "metric": expectation.metric,
        "phase": expectation.phase,
        "operation": expectation.operation,
        "tier": expectation.tier,
        "relative_to_phase": expectation.relative_to_phase,
        "expected": expectation.bound,
        "actual": judgement.actual,
        "verdict": judgement.verdict.value,
        "reason": judgement.reason,
    }


def _windows(attempt: AcceptedAttempt) -> Iterable[Mapping[str, Any]]:
    for window in attempt.fault_windows:
        times = {
            "requested": window.requested_s,
            "effective": window.effective_s,
            "cleared": window.cleared_s,
        }
        began = attempt.started_at_s
        yield {
            "kind": window.kind,
            "phase": window.phase,
            "repeat": attempt.repeat,
            **{name: _moment(began, offset_s) for name, offset_s in times.items()},
            **{f"{name}_s": offset_s for name, offset_s in times.items()},
        }


def _moment(began_s: float, offset_s: float | None) -> str | None:
    return None if offset_s is None else iso_time(began_s + offset_s)


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


def _errors_by_kind(attempts: Iterable[AcceptedAttempt]) -> dict[str, int]:
    kinds: dict[str, int] = {}
    for attempt in attempts:
        for each in attempt.intervals:
            if each.outcome != OK and not each.warmup:
                kinds[each.outcome] = kinds.get(each.outcome, 0) + each.histogram.count
    return dict(sorted(kinds.items()))
