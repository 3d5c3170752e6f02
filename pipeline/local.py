"""Services for a run on one machine: started here, or the user's own, and always stopped."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pipeline.broker import ping
from pipeline.plan import Services
from pipeline.servers import ServerKind, make_server
from pipeline.settings import Settings


@contextmanager
def local_services(services: Services, settings: Settings) -> Iterator[Settings]:
    """Settings whose broker and L2 answer for as long as the block runs.

    Args:
        services: `embedded` or `docker` starts a server as broker and another as L2; `urls` uses
            those of the settings.
        settings: L3 and results are always the user's.

    Raises:
        ServiceUnavailableError: A server does not start or does not answer.
    """
    if services == "urls":
        check_services(settings)
        yield settings
        return
    kind: ServerKind = services
    with ExitStack() as stack:
        addresses = {}
        for name in ("broker_url", "l2_url"):
            addresses[name] = stack.enter_context(make_server(kind)).url
        l3_url = settings.l3_url or _default_l3_url()
        yield settings.model_copy(update={**addresses, "l3_url": l3_url})


def check_services(settings: Settings) -> None:
    """Ask broker and L2 whether they answer.

    Raises:
        ServiceUnavailableError: One of them does not.
    """
    ping(settings.broker_url)
    ping(settings.subject_l2_url, what="L2", variable="BENCH_L2_URL")


def _default_l3_url() -> str:
    """Absolute, so that workers of any folder mean the same file."""
    folder = Path(".bench").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'l3.db'}"
