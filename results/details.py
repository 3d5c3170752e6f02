"""What a report shows of one scenario on one subject beside its metrics.

It is made once, when a run is aggregated, and kept as JSON: a report then reads no raw records.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from results.accepted import OK, AcceptedAttempt
from results.figures import Figures
from results.merging import Ending
from results.metrics import DISTRIBUTIONS
from results.moment import iso_time
from results.promises import promises_of
from results.resilience import resilience_of
from results.spread import spread_of
from results.timeline import timeline

Details = Mapping[str, Any]


def details_of(figures: Figures) -> dict[str, Any]:
    """The JSON-able details of some accepted attempts, in a stable order."""
    attempts = figures.attempts
    return {
        "unsupported": sorted(figures.unsupported),
        "loop": ", ".join(dict.fromkeys(figures.loops[phase] for phase in figures.phases)),
        "loops": figures.loops,
        "percentiles": _by_operation(figures),
        "distributions": dict(_distributions(figures)),
        "search": [trial for each in attempts for trial in _trials(each)],
        "promises": promises_of(figures),
        "fault_windows": [window for each in attempts for window in _windows(each)],
        "resilience": resilience_of(figures),
        "changes": [change for each in attempts for change in _changes(each)],
        "findings": [finding for each in attempts for finding in _findings(each)],
        "errors_by_kind": _errors_by_kind(attempts),
        "timeline": timeline(attempts),
    }


def _by_operation(figures: Figures) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for operation, tier in figures.served():
        if not figures.comparable_times(None, operation, tier).count:
            continue
        tiers = found.setdefault(operation, {"all": _operation(figures, operation, None)})
        tiers[tier] = _operation(figures, operation, tier)
    return found


def _operation(figures: Figures, operation: str, tier: str | None) -> dict[str, Any]:
    """Response times of all outcomes, and beside them those of successes and service times."""
    return {
        **spread_of(figures.comparable_times(None, operation, tier)),
        "ok": spread_of(figures.comparable_times(None, operation, tier, ending=Ending.OK)),
        "service": {
            **spread_of(figures.comparable_times(None, operation, tier, service=True)),
            "ok": spread_of(
                figures.comparable_times(None, operation, tier, ending=Ending.OK, service=True)
            ),
        },
    }


def _distributions(figures: Figures) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in DISTRIBUTIONS:
        whole = figures.distribution(name)
        phases = {phase: figures.distribution(name, phase) for phase in figures.loops}
        if whole is not None:
            kept = {phase: spread_of(each) for phase, each in phases.items() if each is not None}
            yield name, {"all": spread_of(whole), "phases": kept}


def _trials(attempt: AcceptedAttempt) -> Iterator[dict[str, Any]]:
    for trial in sorted(attempt.trials, key=lambda each: (each.phase, each.number)):
        yield {
            "repeat": attempt.repeat,
            "phase": trial.phase,
            "number": trial.number,
            "rate": trial.rate,
            "achieved_rate": trial.achieved_rate,
            "p99_ms": trial.p99_ms,
            "held": trial.held,
        }


def _windows(attempt: AcceptedAttempt) -> Iterator[dict[str, Any]]:
    for window in attempt.fault_windows:
        times = {
            "requested": window.requested_s,
            "effective": window.effective_s,
            "cleared": window.cleared_s,
        }
        began = attempt.started_at_s
        yield {
            "number": window.number,
            "kind": window.kind,
            "phase": window.phase,
            "repeat": attempt.repeat,
            "shard": attempt.shard,
            **{name: _moment(began, offset_s) for name, offset_s in times.items()},
            **{f"{name}_s": offset_s for name, offset_s in times.items()},
        }


def _changes(attempt: AcceptedAttempt) -> Iterator[dict[str, Any]]:
    for change in attempt.changes:
        yield {
            "repeat": attempt.repeat,
            "shard": attempt.shard,
            "at": _moment(attempt.started_at_s, change.at_s),
            **asdict(change),
        }


def _findings(attempt: AcceptedAttempt) -> Iterator[dict[str, Any]]:
    for finding in attempt.findings:
        yield {
            "repeat": attempt.repeat,
            "kind": finding.kind,
            "phase": finding.phase,
            "count": finding.count,
            "text": finding.text,
            "example": [dict(operation) for operation in finding.example],
        }


def _moment(began_s: float, offset_s: float | None) -> str | None:
    return None if offset_s is None else iso_time(began_s + offset_s)


def _errors_by_kind(attempts: Sequence[AcceptedAttempt]) -> dict[str, int]:
    kinds: dict[str, int] = {}
    for attempt in attempts:
        for each in attempt.intervals:
            if each.outcome != OK and not each.warmup:
                kinds[each.outcome] = kinds.get(each.outcome, 0) + each.histogram.count
    return dict(sorted(kinds.items()))
