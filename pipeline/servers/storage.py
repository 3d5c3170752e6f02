"""How servers are told to keep their data, or to keep none."""

from typing import Final

# Written before the reply, synced by nobody: `everysec` would put writes off while the disk is
# busy, and so lose some of them with the process. Nothing forks in mid-measurement.
_DURABLE: Final = (
    *("--appendonly", "yes"),
    *("--appendfsync", "no"),
    *("--auto-aof-rewrite-percentage", "0"),
)
_FORGETFUL: Final = ("--appendonly", "no")

_COMMON: Final = (
    *("--save", ""),
    # A replica gets its copy at once, and by way of memory alone.
    *("--repl-diskless-sync", "yes"),
    *("--repl-diskless-sync-delay", "0"),
    *("--repl-diskless-load", "swapdb"),
)


def storage_options(*, durable: bool) -> tuple[str, ...]:
    """Options of a server's command line.

    Args:
        durable: Whether what it acknowledged outlives its process.
    """
    return (*_COMMON, *(_DURABLE if durable else _FORGETFUL))
