"""Service URLs: which ones are understood, and how they are shown without their secrets."""

import re
from contextlib import suppress
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlencode, urlsplit

from pipeline.errors import SettingsError

REDIS_SCHEMES = {
    "redis": "redis",
    "rediss": "rediss",
    "unix": "unix",
    "valkey": "redis",
    "valkeys": "rediss",
}
HIDDEN = "***"

_DATABASE = re.compile(r"/?\d*")
# To the last @ of the word: a parser of URLs takes a password's / ? and # for an end, and leaves
# the rest of it standing. Without a scheme it is none, but may have been meant as one. A blank in a
# password ends nothing: what follows is hidden to the last @ of the line, or to another URL.
_USERINFO = re.compile(r"(?<=://)\S*@|(?<=://)[^\s:/@]*:(?:(?!://).)*@|(?<!\S)[^\s:/@]+:(?!//)\S*@")
# As libpq and error texts have it, outside of URLs.
_KEYWORD = re.compile(r"(?i)(?<![?&\w])((?:ssl)?password)\s*=\s*(?:'[^']*'|[^\s&,;)]+)")
# These have redis-py ask elsewhere than the URL's place says.
_ELSEWHERE = {"host", "path", "port"}
_SECRET_OPTION = re.compile(r"(?i)(?<=[?&])([^=&]*(?:password|passwd|secret|token)[^=&]*)=[^&#]*")


def redact_url(url: str) -> str:
    """The URL as it may be shown: the password replaced, user, host and path kept.

    Args:
        url: Any text; what is no URL comes back as it is.
    """
    shown = _USERINFO.sub(_hide_password, url)
    return _KEYWORD.sub(rf"\1={HIDDEN}", _SECRET_OPTION.sub(rf"\1={HIDDEN}", shown))


def redact_mistake(text: str) -> str:
    """What was given for a URL as an error may show it, whatever it is.

    Args:
        text: Without a scheme only what follows its last @ is told from a user and a password.
    """
    return redact_url(text if "://" in text else text.rpartition("@")[2])


def redis_url(url: str, variable: str) -> str:
    """The URL with a scheme that every Redis client knows.

    Args:
        url: A Redis or Valkey URL.
        variable: Where it came from, for the error's text.

    Raises:
        SettingsError: It is not a URL of a Redis or Valkey server.
    """
    parts = _parsed(url, variable)
    scheme = REDIS_SCHEMES.get(parts.scheme)
    if scheme is None or "://" not in url or not (parts.netloc or parts.path):
        supported = ", ".join(f"{name}://" for name in REDIS_SCHEMES)
        raise SettingsError(f"{variable}={redact_mistake(url)}: expected one of {supported}")
    if scheme != "unix" and not _DATABASE.fullmatch(parts.path):
        raise SettingsError(
            f"{variable}={redact_url(url)}: expected a database number such as /0 after the host"
        )
    if elsewhere := sorted(_ELSEWHERE.intersection(parse_qs(parts.query))):
        raise SettingsError(
            f"{variable}={redact_url(url)}: {elsewhere[0]} is no option: "
            "write redis://HOST:PORT or unix:///PATH before the ?"
        )
    return f"{scheme}://{url.partition('://')[2]}"


def with_database(url: str, number: int) -> str:
    """The same server's URL with another database number."""
    parts = urlsplit(url)
    options = [(key, value) for key, value in parse_qsl(parts.query) if key != "db"]
    path = parts.path
    if parts.scheme == "unix":
        options.append(("db", str(number)))
    else:
        path = f"/{number}"
    query = f"?{urlencode(options)}" if options else ""
    return f"{parts.scheme}://{parts.netloc}{path}{query}"


def _parsed(url: str, variable: str) -> SplitResult:
    # Without the parser's own words, which may quote the password.
    with suppress(ValueError):
        parts = urlsplit(url)
        _ = parts.port
        if not parts.fragment and "@" not in parts.path + parts.query:
            return parts
    raise SettingsError(
        f"{variable}={redact_mistake(url)}: not a URL: check its brackets and its port, and write "
        "/ ? # @ in a user or password as %2F %3F %23 %40"
    )


def _hide_password(match: re.Match[str]) -> str:
    user, colon, _password = match.group()[:-1].partition(":")
    return f"{user}:{HIDDEN}@" if colon else f"{user}@"
