"""URLs: what each says, one clear line for each mistake, and never a password."""

import pytest

from cache.address import (
    TLS,
    Credentials,
    L2Address,
    check_l2_url,
    check_l3_url,
    parse_l2_url,
    redacted,
)
from cache.errors import ConfigError

ANN = Credentials("ann", "ge/heim@1")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://host", L2Address("server", (("host", 6379),))),
        ("redis://host:7000/3", L2Address("server", (("host", 7000),), db=3)),
        ("redis://host/3?db=4&max_connections=9", L2Address("server", (("host", 6379),), db=4)),
        ("redis://[::1]:7000", L2Address("server", (("::1", 7000),))),
        (
            "redis://ann:ge%2Fheim%401@host/0",
            L2Address("server", (("host", 6379),), credentials=ANN),
        ),
        (
            "redis://:geheim@host",
            L2Address("server", (("host", 6379),), credentials=Credentials(None, "geheim")),
        ),
        (
            "redis://host?username=ann&password=ge%2Fheim%401",
            L2Address("server", (("host", 6379),), credentials=ANN),
        ),
        ("unix:///run/my%20redis.sock?db=2", L2Address("socket", path="/run/my redis.sock", db=2)),
        (
            "unix://ann:ge%2Fheim%401@/run/redis.sock",
            L2Address("socket", path="/run/redis.sock", credentials=ANN),
        ),
        ("rediss://host:1", L2Address("server", (("host", 1),), tls=TLS())),
        (
            "rediss://host?ssl_ca_certs=/ca.pem&ssl_check_hostname=false",
            L2Address(
                "server", (("host", 6379),), tls=TLS(ca_certs="/ca.pem", check_hostname=False)
            ),
        ),
        (
            "rediss://host?ssl_cert_reqs=none&ssl_certfile=/c&ssl_keyfile=/k",
            L2Address(
                "server",
                (("host", 6379),),
                tls=TLS(None, "none", check_hostname=False, certfile="/c", keyfile="/k"),
            ),
        ),
        (
            "redis+sentinel://ann:ge%2Fheim%401@one,two:7000/shop/2?sentinel_password=x",
            L2Address(
                "sentinel",
                (("one", 26379), ("two", 7000)),
                service="shop",
                db=2,
                credentials=ANN,
                sentinel_credentials=Credentials(None, "x"),
            ),
        ),
        (
            "rediss+sentinel://[::1]:1/shop",
            L2Address("sentinel", (("::1", 1),), service="shop", tls=TLS()),
        ),
        ("redis+cluster://one:1,two", L2Address("cluster", (("one", 1), ("two", 6379)))),
        ("rediss+cluster://one", L2Address("cluster", (("one", 6379),), tls=TLS())),
    ],
)
def test_what_a_url_says(url: str, address: L2Address) -> None:
    """Each part in its place, percent-decoded."""
    assert parse_l2_url(url) == address


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://geheim@host", "has the scheme 'http': give redis://"),
        ("", "has the scheme ''"),
        ("redis://", "names no server"),
        ("redis://:geheim@", "names no server"),
        ("unix://", "names no server"),
        ("redis+cluster://,", "names no server"),
        ("redis://u:geheim@host:port", "is not a URL"),
        ("redis://u:geheim@host:99999", "is not a URL"),
        ("redis://u:geheim@[host", "is not a URL"),
        ("redis+sentinel://u:geheim@one:1,two:x/shop", "is not a URL"),
        ("redis://u:geheim@host/shop", "a database that is not a number"),
        ("redis://u:geheim@host/1/2", "a database that is not a number"),
        ("unix:///run/redis.sock?db=-1", "a database that is not a number"),
        ("redis://u:geheim@one,two", "several servers"),
        ("redis+sentinel://u:geheim@one", "names no service"),
        ("redis+cluster://u:geheim@one/3", "a cluster has only database 0"),
        ("rediss://u:geheim@host?ssl_ca_cert=/ca.pem", "unknown option ssl_ca_cert"),
        ("rediss://u:geheim@host?ssl_cert_reqs=geheim", "choose from required, optional, none"),
        ("rediss://u:geheim@host?ssl_certfile=/c", "give both or none"),
        ("redis://u:ge/heim@host", "write / . # @ in a user or password as"),
        ("redis://u:12/heim@host", "write / . # @ in a user or password as"),
        ("redis://:12?heim@host", "write / . # @ in a user or password as"),
        ("redis://u:#geheim@host", "write / . # @ in a user or password as"),
    ],
)
def test_a_mistake_gets_one_clear_line(url: str, message: str) -> None:
    """It shows no password, and no parser's traceback carries one."""
    with pytest.raises(ConfigError, match=message) as caught:
        check_l2_url(url)
    assert "\n" not in str(caught.value)
    assert "heim" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_no_password_in_the_text_of_an_address() -> None:
    """An address may end up in a traceback."""
    url = "redis+sentinel://ann:geheim@one/shop?sentinel_password=geheim"
    assert "geheim" not in repr(parse_l2_url(url))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://host:1/0", "redis://host:1/0"),
        ("redis://ann:geheim@host:1/0?password=geheim", "redis://host:1/0"),
        ("redis://ann:ge/he@im@host/0", "redis://host/0"),
        ("redis://ann:ge?he#im@host/0", "redis://host/0"),
        ("unix://ann:geheim@/run/redis.sock?db=1", "unix:///run/redis.sock"),
        ("redis+cluster://ann:geheim@one:1,two:2", "redis+cluster://one:1,two:2"),
        ("postgresql://ann:geheim@host/db?password=geheim", "postgresql://host/db"),
    ],
)
def test_what_is_shown_of_a_url(url: str, shown: str) -> None:
    """Its place, also where the password was not encoded as it should be."""
    assert redacted(url) == shown


def test_a_database_of_l3_has_a_port_that_is_a_number() -> None:
    """As that of L2."""
    check_l3_url("postgresql://ann:geheim@host:5432/db")
    with pytest.raises(ConfigError, match="l3_url is not a URL"):
        check_l3_url("postgresql://ann:geheim@host:x/db")
