"""Small scenarios and subjects for the tests of this room."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.data import Data
from pipeline.scenario import JobSpec, Phase, Scenario
from pipeline.subject import SubjectSettings
from results.attempt_result import AttemptResult
from results.records import StoredFile
from workers.attempt import Assignment
from workers.checker.history import NoHistory
from workers.data import key_names
from workers.faults.ground import Ground
from workers.ledger import Ledger
from workers.recorder import CodeBook
from workers.stage import Stage
from workers.subjects.base import Loader, Served, Subject
from workers.subjects.null import NullSubject
from workers.values import Values


def a_spec(
    *phases: Phase,
    subject: str = "multilevel",
    settings: SubjectSettings | None = None,
    **scenario: Any,
) -> JobSpec:
    """A job of these phases."""
    return JobSpec(
        scenario=Scenario(
            name="small",
            purpose="It is tried out.",
            type="integration",
            time_s=1.0,
            phases=phases,
            subject=settings or SubjectSettings(),
            **scenario,
        ),
        subject=subject,
        seed=11,
    )


def an_assignment(
    spec: JobSpec, namespace: str, l2_url: str, l3_url: str, **more: Any
) -> Assignment:
    """An attempt at a job on these services; it has no files unless they are given."""
    given = {"files": _no_files, **more}
    return Assignment(spec=spec, namespace=namespace, l2_url=l2_url, l3_url=l3_url, **given)


def a_stage(subject: Subject, *, keys: int = 100, **more: Any) -> Stage:
    """What phases on a subject share, without files and faults."""
    values = Values(11, Data(keys=keys))
    ledger = more.get("ledger") or Ledger(values)
    ground = Ground(namespace="tests", subject=subject, seed=11)
    given = {
        "ledger": ledger,
        "history": NoHistory(subject, ledger, time.perf_counter),
        "codes": CodeBook(),
        "traces": {},
        "ground": ground,
        **more,
    }
    return Stage(
        subject=subject,
        seed=11,
        key_names=key_names("simple", keys),
        now_s=time.perf_counter,
        **given,
    )


def observed(result: AttemptResult, metric: str, phase: str | None = None) -> float:
    """The one figure of a metric; the whole attempt's where no phase is named."""
    (found,) = [
        each.value for each in result.observations if each.metric == metric and each.phase == phase
    ]
    return found


def operations(result: AttemptResult, **wanted: str) -> int:
    """How many recorded operations have these attributes."""
    return sum(
        interval.histogram.count
        for interval in result.intervals
        if all(getattr(interval, name) == value for name, value in wanted.items())
    )


class DictSubject(NullSubject):
    """A correct cache of one dict, for tests to make wrong in one way each."""

    def __init__(self) -> None:
        self.stored: dict[str, Any] = {}

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """From the dict, else from the loader."""
        if key in self.stored:
            return Served(self.stored[key], "l1")
        if loader is None:
            return Served(None, "miss")
        self.stored[key] = await loader(key)
        return Served(self.stored[key], "origin")

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """From the dict alone."""
        return {key: await self.get(key, None) for key in keys}

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Into the dict."""
        self.stored[key] = value

    async def set_many(self, items: Mapping[str, Any], ttl_s: float | None = None) -> None:
        """Into the dict."""
        self.stored.update(items)

    async def delete(self, key: str) -> None:
        """Out of the dict."""
        self.stored.pop(key, None)

    async def clear(self) -> None:
        """Out of the dict."""
        self.stored.clear()


def _no_files(digest: str) -> StoredFile:
    raise AssertionError(f"nobody needs the file {digest}")
