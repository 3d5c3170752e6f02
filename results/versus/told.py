"""Comparisons as JSON-able data."""

import json
from typing import Any

from results.versus.asking import Asked
from results.versus.comparison import Comparison, Finding
from results.versus.gate import Gated, GateResult
from results.versus.shift import PERCENTILES, Shift
from results.versus.sides import Sides
from results.versus.words import Chosen


def told_comparison(comparison: Comparison, sides: Sides, asked: Asked) -> dict[str, Any]:
    """A comparison: its sides, how many metrics have each verdict, and every metric."""
    return {
        **_sides(sides, asked),
        "margin": comparison.limits.margin,
        "counts": {verdict.value: count for verdict, count in comparison.counts.items()},
        "metrics": [_finding(finding) for finding in comparison.findings],
    }


def told_gate(result: GateResult, sides: Sides, asked: Asked) -> dict[str, Any]:
    """What a gate found: `a` is the baseline and `b` the candidate."""
    return {
        **_sides(sides, asked),
        "verdict": result.verdict.value,
        "max_regression": result.max_regression,
        "lost": list(result.lost),
        "metrics": [_gated(each) for each in result.metrics],
    }


def _sides(sides: Sides, asked: Asked) -> dict[str, Any]:
    return {
        "a": _chosen(sides.a),
        "b": _chosen(sides.b),
        "machine_times_slower_for_b": asked.machine,
        "series_only_a_has": asked.only[0],
        "series_only_b_has": asked.only[1],
    }


def _chosen(chosen: Chosen) -> dict[str, Any]:
    return {
        "name": chosen.said,
        "runs": sorted(chosen.run_ids),
        "subject": chosen.subject,
        "notes": list(chosen.notes),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    question, found = finding.question, finding.found
    place = question.place
    return {
        "metric": question.name,
        "unit": question.metric.unit,
        "direction": question.metric.direction.value,
        "scenario": place.scenario,
        "subjects": list(place.subjects),
        "parameters": json.loads(place.parameters),
        "environment_class": place.environment_class,
        "phase": place.phase,
        "operation": place.operation,
        "a": found.a,
        "b": found.b,
        "difference": found.b - found.a,
        "ratio": found.ratio,
        "ratio_interval": _ends(found.ratio_interval),
        "scale": found.scale.value,
        "interval": _ends(found.interval),
        "p": found.p,
        "p_adjusted": finding.p_adjusted,
        "basis": found.basis.value,
        "samples": list(found.samples),
        "effect": finding.effect,
        "shift": _shift(question.shift),
        "verdict": None if finding.verdict is None else finding.verdict.value,
        "reason": finding.reason,
    }


def _gated(gated: Gated) -> dict[str, Any]:
    return {**_finding(gated.finding), "verdict": gated.verdict.value, "reason": gated.reason}


def _shift(shift: Shift | None) -> dict[str, Any] | None:
    if shift is None:
        return None
    return {
        "percentiles": list(PERCENTILES),
        "ratios": list(shift.ratios),
        "cliffs_delta": shift.delta,
        "superiority": shift.superiority,
        "operations": list(shift.operations),
    }


def _ends(interval: tuple[float, float] | None) -> list[float] | None:
    return None if interval is None else list(interval)
