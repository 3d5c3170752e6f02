"""Starts what a test asks for, or says that Docker is missing as every Docker test does."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from pipeline.errors import ServiceUnavailableError
from pipeline.local import local_services
from pipeline.plan import Services
from pipeline.servers import Server, ServerKind, make_server
from pipeline.settings import Settings
from tests.support.servers import require


@contextmanager
def started(
    kind: ServerKind, settings: Mapping[str, str] | None = None, **more: Any
) -> Iterator[Server]:
    """A running server; where Docker can't, the test is skipped, or fails under CI."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(make_server(kind, settings, **more))
        except ServiceUnavailableError as error:
            _give_up(kind, error)
        yield server


@contextmanager
def services_of(kind: Services, settings: Settings) -> Iterator[Settings]:
    """Running services; where Docker can't, the test is skipped, or fails under CI."""
    with ExitStack() as stack:
        try:
            found = stack.enter_context(local_services(kind, settings))
        except ServiceUnavailableError as error:
            _give_up(kind, error)
        yield found


def _give_up(kind: str, error: ServiceUnavailableError) -> None:
    if kind == "docker":
        require("Docker", str(error))
    raise error
