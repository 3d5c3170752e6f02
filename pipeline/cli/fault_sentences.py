"""Faults as people write them."""

from pipeline.fault import Fault, figures_of


def of_fault(fault: Fault) -> str:
    """A fault in one line: `l2_corrupt at 1 s for 0.5 s, 3 times every 2 s (share 0.5)`."""
    when = f"{fault.kind} at {fault.at_s:g} s for {fault.duration_s:g} s"
    if fault.within_s is not None:
        when = (
            f"{fault.kind} for {fault.duration_s:g} s, {_times(fault)}at random within "
            f"{fault.within_s:g} s from {fault.at_s:g} s"
        )
    elif fault.every_s is not None:
        when += f", {_times(fault)}every {fault.every_s:g} s"
    if fault.shard is not None:
        when += f", worker {fault.shard + 1} alone"
    figures = ", ".join(f"{name} {value}" for name, value in figures_of(fault).items())
    return f"{when} ({figures})" if figures else when


def _times(fault: Fault) -> str:
    return f"{fault.times} times " if fault.times > 1 else ""
