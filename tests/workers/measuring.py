"""Phases as if they had been measured, for the tests of what is derived from them."""

from typing import Any

import numpy as np

from pipeline.load import ClosedLoad, Load
from pipeline.scenario import Phase
from results.attempt_result import PhaseSpan
from workers.ledger import Findings
from workers.machine import MachineView
from workers.measured import MeasuredPhase
from workers.recorder import Samples

NS_PER_S = 1_000_000_000


def a_phase(
    load: Load | None = None,
    *,
    served: int = 100,
    duration_s: float = 1.0,
    planned: dict[str, Any] | None = None,
    **measured: Any,
) -> MeasuredPhase:
    """A phase in which `served` operations ended evenly over `duration_s`.

    Args:
        load: What was planned; a closed loop by default.
        served: Number of operations.
        duration_s: When the last of them ended.
        planned: More of the plan, such as its hit-ratio target.
        measured: More of what was measured.
    """
    ends_ns = np.linspace(0, duration_s * NS_PER_S, served + 1)[1:].astype(np.int64)
    plan = {"name": "steady", **(planned or {})}
    given: dict[str, Any] = {"reads": {}, "cpu_s": 0.5, **measured}
    return MeasuredPhase(
        phase=Phase(load=load or ClosedLoad(operations=served), **plan),
        began_ns=0,
        span=PhaseSpan(phase=plan["name"], warmup=False, start_s=0.0, end_s=duration_s),
        samples=Samples(
            start_ns=ends_ns - 1_000,
            duration_ns=np.full(served, 1_000, dtype=np.int64),
            code=np.zeros(served, dtype=np.int64),
        ),
        findings=Findings(),
        warmed_keys=None,
        **given,
    )


def a_view(**seen: Any) -> MachineView:
    """What a watch saw on a machine where nothing happened, but for what is given."""
    nothing = np.zeros(0, dtype=np.int64)
    quiet: dict[str, Any] = {
        "loop_lag_ns": nothing,
        "gc_pauses_ns": nothing,
        "cpu_s": 0.5,
        "memory_mib": 100.0,
        "voluntary_context_switches": 7,
        "involuntary_context_switches": 3,
        "swapped_bytes": 0,
        "stolen_ratio": 0.0,
        "readings": (),
    }
    return MachineView(**{**quiet, **seen})


def milliseconds(*values: float) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Times in ns."""
    return (np.array(values) * 1_000_000).astype(np.int64)
