"""TLS as an L2 address asks for it."""

import ssl
from functools import lru_cache
from pathlib import Path
from typing import Final

from cache.address import TLS
from cache.errors import ConfigError

_VERIFY: Final = {
    "none": ssl.CERT_NONE,
    "optional": ssl.CERT_OPTIONAL,
    "required": ssl.CERT_REQUIRED,
}


def tls_context(tls: TLS) -> ssl.SSLContext:
    """Return how a server's certificate is checked, and what is shown to it.

    Raises:
        ConfigError: A file that it names can't be read.
    """
    if tls.ca_certs or tls.certfile:
        # Read anew by each connection: certificates are replaced while a process runs.
        return _new_context(tls)
    return _kept_context(tls)


def _new_context(tls: TLS) -> ssl.SSLContext:
    try:
        is_folder = tls.ca_certs is not None and Path(tls.ca_certs).is_dir()
        context = ssl.create_default_context(
            cafile=None if is_folder else tls.ca_certs, capath=tls.ca_certs if is_folder else None
        )
        if tls.certfile is not None:
            context.load_cert_chain(tls.certfile, tls.keyfile)
    except OSError as error:
        raise ConfigError(f"l2_url names TLS files that can't be used: {error}") from None
    context.check_hostname = tls.check_hostname
    context.verify_mode = _VERIFY[tls.cert_reqs]
    return context


_kept_context = lru_cache(maxsize=8)(_new_context)
"""The system's authorities take a few milliseconds to read, too long for each new attempt."""
