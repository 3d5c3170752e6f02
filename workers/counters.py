"""What the operating system counts of this process and its machine; what it doesn't count is None.

Linux tells swapping and stolen time under /proc; other systems lack those two figures alone.
"""

import resource
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_THIS = psutil.Process()
_STATUS = Path("/proc/self/status")
_VMSTAT = Path("/proc/vmstat")
_STAT = Path("/proc/stat")
_MIB = 1 << 20
_KIB = 1 << 10
_STEAL = 7
# user, nice, system, idle, iowait, irq, softirq, steal; guests' time is in user's already.
_TICKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """One look at the counters; all but `memory_mib` and `swap_bytes` only grow.

    Args:
        at_ns: When, on `time.perf_counter_ns`.
        cpu_s: Processor time of this process, all its threads together.
        memory_mib: Its resident memory.
        voluntary_switches: Times that one of its threads waited for something.
        involuntary_switches: Times that one of its threads was made to wait.
        major_faults: Pages that it had to wait for the disk for.
        swap_bytes: What of it lies in swap; None where the system does not say.
        swapped_in_bytes: What the whole machine read from swap; None as above.
        stolen_ticks: Time that the hypervisor gave to others; None as above.
        all_ticks: Time of all processors; None as above.
    """

    at_ns: int
    cpu_s: float
    memory_mib: float
    voluntary_switches: int
    involuntary_switches: int
    major_faults: int
    swap_bytes: int | None
    swapped_in_bytes: int | None
    stolen_ticks: int | None
    all_ticks: int | None


def look() -> Counters:
    """Read all counters now; takes some 0.2 ms."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    swap_kib = _named(_STATUS, "VmSwap:")
    swapped_in_pages = _named(_VMSTAT, "pswpin")
    ticks = _ticks()
    return Counters(
        at_ns=time.perf_counter_ns(),
        cpu_s=time.process_time(),
        memory_mib=memory_mib(),
        voluntary_switches=used.ru_nvcsw,
        involuntary_switches=used.ru_nivcsw,
        major_faults=used.ru_majflt,
        swap_bytes=None if swap_kib is None else swap_kib * _KIB,
        swapped_in_bytes=None if swapped_in_pages is None else in_bytes(swapped_in_pages),
        stolen_ticks=ticks[_STEAL] if ticks else None,
        all_ticks=sum(ticks) if ticks else None,
    )


def memory_mib() -> float:
    """Resident memory of this process now."""
    return float(_THIS.memory_info().rss) / _MIB


def in_bytes(pages: int) -> int:
    """What so many pages of memory hold."""
    return pages * resource.getpagesize()


def _named(path: Path, name: str) -> int | None:
    for line in _lines(path):
        if line.startswith(name):
            return int(line.split()[1])
    return None


def _ticks() -> list[int]:
    """Ticks of all processors by kind; empty where the system does not tell stolen time."""
    first = next(iter(_lines(_STAT)), "")
    ticks = [int(each) for each in first.split()[1 : 1 + _TICKS]]
    return ticks if len(ticks) == _TICKS else []


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
