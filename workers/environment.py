"""Where an attempt ran: the full fingerprint, and the class of machines it may be compared with."""

import asyncio
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from results.attempt_result import Environment
from workers.libraries import library_versions

GIB = 1 << 30
CGROUP = Path("/sys/fs/cgroup")


def environment_of(
    servers: Mapping[str, str],
    *,
    stated: Mapping[str, str] | None = None,
    code_version: str | None = None,
    dirty: bool | None = None,
) -> Environment:
    """The environment of this process with these servers.

    The class holds what makes figures incomparable; the fingerprint holds all that is known.

    Args:
        servers: Kind and version by tier, such as `{"l2": "valkey 9.1.2"}`.
        stated: Settings of L2's server that the scenario states.
        code_version: The commit or the name of what is measured; None where it isn't known.
        dirty: Whether that commit had uncommitted changes; None where it isn't known.
    """
    stated = dict(stated or {})
    fingerprint = {
        **machine(),
        "event_loop": _event_loop(),
        "servers": dict(servers),
        "stated_settings": stated,
        "code": {"version": code_version, "dirty": dirty},
    }
    parts = [
        str(fingerprint["cpu_model"]),
        f"{fingerprint['cores']} cores",
        f"{fingerprint['memory_gib']} GiB",
        *_limits(fingerprint),
        str(fingerprint["os"]),
        f"Python {sys.version_info.major}.{sys.version_info.minor}",
        *(f"{tier} {_major(version)}" for tier, version in sorted(servers.items())),
        *(f"l2 {name} {value}" for name, value in sorted(stated.items())),
    ]
    return Environment(environment_class=" / ".join(parts), fingerprint=fingerprint)


def with_settings(
    environment: Environment, settings: Mapping[str, Mapping[str, str]]
) -> Environment:
    """The environment with its servers' configuration in the fingerprint.

    Args:
        environment: What is known so far.
        settings: Settings by tier.
    """
    fingerprint = {**environment.fingerprint, "server_settings": dict(settings)}
    return replace(environment, fingerprint=fingerprint)


@cache
def machine() -> dict[str, Any]:
    """What does not change while this process lives."""
    return {
        "cpu_model": _cpu_model(),
        "cores": os.cpu_count(),
        "usable_cores": len(psutil.Process().cpu_affinity()) if psutil.LINUX else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / GIB),
        "container_cpu_limit": _cpu_limit(),
        "container_memory_limit_gib": _memory_limit_gib(),
        "kernel": platform.release(),
        "os": platform.system(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "python_implementation": platform.python_implementation(),
        "libraries": library_versions(),
    }


def _event_loop() -> str | None:
    """The class of the running event loop; None where none runs."""
    # Unlike the public function, this one does not raise where there is none.
    loop = asyncio._get_running_loop()  # noqa: SLF001 - see above; documented for frameworks
    return None if loop is None else f"{type(loop).__module__}.{type(loop).__qualname__}"


def _cpu_model() -> str:
    for line in _lines(Path("/proc/cpuinfo")):
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def _cpu_limit() -> float | None:
    """Cores that the container may use, from cgroup v2 or v1; None where it is not limited."""
    quota, _, period = " ".join(_lines(CGROUP / "cpu.max")).partition(" ")
    if not quota:
        quota = "".join(_lines(CGROUP / "cpu/cpu.cfs_quota_us"))
        period = "".join(_lines(CGROUP / "cpu/cpu.cfs_period_us"))
    if not (quota.isdigit() and period.isdigit()):
        return None
    return int(quota) / int(period)


def _memory_limit_gib() -> int | None:
    for path in (CGROUP / "memory.max", CGROUP / "memory/memory.limit_in_bytes"):
        limit = "".join(_lines(path))
        # Version 1 writes "unlimited" as a number larger than any memory.
        if limit.isdigit() and int(limit) < psutil.virtual_memory().total:
            return round(int(limit) / GIB)
    return None


def _limits(fingerprint: Mapping[str, Any]) -> list[str]:
    limits = []
    if fingerprint["usable_cores"] != fingerprint["cores"]:
        limits.append(f"limit {fingerprint['usable_cores']} of the cores")
    if fingerprint["container_cpu_limit"] is not None:
        limits.append(f"limit {fingerprint['container_cpu_limit']:g} cores")
    if fingerprint["container_memory_limit_gib"] is not None:
        limits.append(f"limit {fingerprint['container_memory_limit_gib']} GiB")
    return limits


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _major(version: str) -> str:
    return version.partition(".")[0]
