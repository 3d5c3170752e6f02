"""What a report shows of one scenario on one subject beside its metrics.

It is made once, when a run is aggregated, and kept as JSON: a report then reads no raw records.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from results.accepted import OK, AcceptedAttempt
from results.figures import Figures
from results.histogram import Histogram
from results.merging import Ending
from results.metrics import DISTRIBUTIONS
from results.moment import iso_time
from results.operation_metrics import NS_PER_MS
from results.timeline import timeline

_PERCENTILES = {"p50_ms": 50.0, "p95_ms": 95.0, "p99_ms": 99.0, "p99_9_ms": 99.9}

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
        "fault_windows": [window for each in attempts for window in _windows(each)],
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
        **_spread(figures.comparable_times(None, operation, tier)),
        "ok": _spread(figures.comparable_times(None, operation, tier, ending=Ending.OK)),
        "service": {
            **_spread(figures.comparable_times(None, operation, tier, service=True)),
            "ok": _spread(
                figures.comparable_times(None, operation, tier, ending=Ending.OK, service=True)
            ),
        },
    }


def _spread(values: Histogram) -> dict[str, Any]:
    if not values.count:
        return {"count": 0, "mean_ms": None, **dict.fromkeys(_PERCENTILES), "max_ms": None}
    return {
        "count": values.count,
        "mean_ms": values.mean_ns / NS_PER_MS,
        **{name: values.percentile_ns(each) / NS_PER_MS for name, each in _PERCENTILES.items()},
        "max_ms": values.max_ns / NS_PER_MS,
    }


def _distributions(figures: Figures) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in DISTRIBUTIONS:
        whole = figures.distribution(name)
        phases = {phase: figures.distribution(name, phase) for phase in figures.loops}
        if whole is not None:
            kept = {phase: _spread(each) for phase, each in phases.items() if each is not None}
            yield name, {"all": _spread(whole), "phases": kept}


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
            "kind": window.kind,
            "phase": window.phase,
            "repeat": attempt.repeat,
            **{name: _moment(began, offset_s) for name, offset_s in times.items()},
            **{f"{name}_s": offset_s for name, offset_s in times.items()},
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
