"""Keeps fuzzed commands from what takes long or never ends."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from pipeline.cli import checkout, checkup, interruption, local_run, progress, request, status
from pipeline.errors import ServiceUnavailableError
from results.records import CodeVersion


@pytest.fixture
def cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """No service can be started, no process becomes another one, and who waits presses Ctrl-C."""
    cut_off_for(monkeypatch.setattr)


def cut_off_for(setattr_of: Callable[[Any, str, Any], None]) -> None:
    """Replace what would start something or wait."""
    setattr_of(local_run, "local_services", _no_services)
    setattr_of(request, "code_version", lambda name, _folder: CodeVersion(name=name))
    for module in (progress, status):
        setattr_of(module, "time", SimpleNamespace(sleep=_impatient))
    setattr_of(os, "execv", _no_other_process)
    # `bench run` ends what its process has started: here the servers of other tests.
    setattr_of(interruption, "kill_descendants", lambda: None)
    setattr_of(interruption, "adopt_orphans", lambda: None)
    setattr_of(checkup, "check_all", lambda _settings: [])
    setattr_of(checkout, "find_checkout", _no_checkout)


@contextmanager
def _no_services(*_given: object) -> Iterator[NoReturn]:
    raise ServiceUnavailableError("no service answers here")
    yield


def _no_other_process(_path: str, _arguments: list[str]) -> NoReturn:
    raise SystemExit(0)


def _impatient(_seconds: float) -> NoReturn:
    raise KeyboardInterrupt


def _no_checkout() -> NoReturn:
    raise ServiceUnavailableError("this is no checkout")
