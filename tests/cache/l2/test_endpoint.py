"""Each way to a server: TLS, Unix sockets, users and passwords, against real servers."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cache.address import parse_l2_url
from cache.codec import encode
from cache.errors import ConfigError, TierError
from cache.l2.endpoint import Endpoint
from cache.l2.redis import RedisTier
from tests.cache.l2.redis_places import make_certificate, tls_container, tls_front, valkey
from tests.cache.l2.redis_tiers import open_tier, plain_client, value, values
from tests.support.servers import LOOPBACK, EmbeddedRedis

ONE = encode(1)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for this machine's loopback address, and its key."""
    return make_certificate(tmp_path, f"IP:{LOOPBACK}")


@pytest.fixture
async def tls_port(
    shared_redis: EmbeddedRedis, certificate: tuple[Path, Path]
) -> AsyncIterator[int]:
    """A port that speaks TLS before the shared server."""
    async with tls_front(urlsplit(shared_redis.url).port or 0, *certificate) as port:
        yield port


async def _works(url: str, namespace: str) -> None:
    async with open_tier(url, namespace) as tier:
        await tier.write({"a": value(ONE)})
        assert await values(tier, "a") == {"a": 1}


async def test_tls(tls_port: int, certificate: tuple[Path, Path], namespace: str) -> None:
    """The certificate is checked against the authority that the URL names."""
    await _works(f"rediss://{LOOPBACK}:{tls_port}/0?ssl_ca_certs={certificate[0]}", namespace)


@pytest.mark.parametrize(
    ("host", "options", "message"),
    [
        (LOOPBACK, "", "CERTIFICATE_VERIFY_FAILED"),
        ("localhost", "ssl_ca_certs={ca}", "CERTIFICATE_VERIFY_FAILED"),
        (LOOPBACK, "ssl_check_hostname=false", "CERTIFICATE_VERIFY_FAILED"),
    ],
)
async def test_a_certificate_that_proves_nothing_is_refused(
    tls_port: int, certificate: tuple[Path, Path], host: str, options: str, message: str
) -> None:
    """Of an unknown authority, or for another name."""
    url = f"rediss://ann:geheim@{host}:{tls_port}/0?{options.format(ca=certificate[0])}"
    with pytest.raises(TierError, match=message) as caught:
        await RedisTier(url, "n", 5.0).open()
    assert f"no TLS with {host}:{tls_port}" in str(caught.value)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "options"),
    [("localhost", "ssl_ca_certs={ca}&ssl_check_hostname=false"), (LOOPBACK, "ssl_cert_reqs=none")],
)
async def test_what_is_not_to_be_checked_is_not(
    tls_port: int, certificate: tuple[Path, Path], namespace: str, host: str, options: str
) -> None:
    """As the URL says."""
    options = options.format(ca=certificate[0])
    await _works(f"rediss://{host}:{tls_port}/0?{options}", namespace)


async def test_tls_and_a_plain_server_do_not_meet(
    shared_redis: EmbeddedRedis, tls_port: int
) -> None:
    """Both ways it is an error; a plain server only waits for more of what it can't read."""
    port = urlsplit(shared_redis.url).port
    with pytest.raises(TimeoutError):
        await RedisTier(f"rediss://{LOOPBACK}:{port}/0", "n", 0.1).open()
    with pytest.raises(Exception, match=r"[Cc]onnection"):
        await RedisTier(f"redis://{LOOPBACK}:{tls_port}/0", "n", 5.0).open()


@pytest.mark.parametrize(
    "options", ["ssl_ca_certs={folder}/no", "ssl_certfile={folder}/no&ssl_keyfile={folder}/no"]
)
async def test_files_that_are_missing(tmp_path: Path, options: str) -> None:
    """Trying again would not help, so it is the settings' error."""
    url = f"rediss://:geheim@{LOOPBACK}:1/0?{options.format(folder=tmp_path)}"
    with pytest.raises(ConfigError, match="TLS files that can't be used") as caught:
        await RedisTier(url, "n", 5.0).open()
    assert "geheim" not in str(caught.value)


@pytest.mark.docker
async def test_real_redis_with_tls(certificate: tuple[Path, Path], namespace: str) -> None:
    """It asks for a certificate of the client's too."""
    shown, key = certificate
    with tls_container(shown, key) as url:
        with pytest.raises(Exception, match=r"[Cc]onnection|TLS"):
            await RedisTier(f"{url}?ssl_ca_certs={shown}", "n", 5.0).open()
        files = f"ssl_ca_certs={shown}&ssl_certfile={shown}&ssl_keyfile={key}"
        await _works(f"{url}?{files}", namespace)


async def test_a_unix_socket(tmp_path: Path, namespace: str) -> None:
    """With the database in its options."""
    path = tmp_path / "redis.sock"
    with valkey(tmp_path / "data", socket=path):
        await _works(f"unix://{path}?db=2", namespace)
        async with plain_client(f"unix://{path}?db=2") as server:
            assert await server.exists(f"{namespace}:a")
    with pytest.raises(TierError, match=r"nothing listens at .*redis\.sock"):
        await RedisTier(f"unix://{path}", "n", 5.0).open()


async def test_passwords_reach_the_server_and_no_error_text(redis_server: EmbeddedRedis) -> None:
    """A percent-encoded password works, a wrong one is refused without being shown."""
    async with plain_client(redis_server.url) as client:
        await client.config_set("requirepass", "ge/heim@1")
    right = redis_server.url.replace("redis://", "redis://:ge%2Fheim%401@")
    await _works(right, "n")
    for wrong in (right.replace("heim", "heim-x"), redis_server.url):
        with pytest.raises(Exception, match=r"WRONGPASS|invalid|HELLO|uthenticat") as caught:
            await RedisTier(wrong, "n", 5.0).open()
        assert "heim-x" not in repr(caught.value)


async def test_a_user_of_the_servers_list(redis_server: EmbeddedRedis) -> None:
    """Name and password, both percent-encoded."""
    async with plain_client(redis_server.url) as admin:
        await admin.execute_command(
            *("ACL", "SETUSER", "ann:b", "on", ">p w#", "~*", "&*", "+@all")
        )
        await admin.execute_command("ACL", "SETUSER", "default", "off")
        url = redis_server.url.replace("redis://", "redis://ann%3Ab:p%20w%23@")
        await _works(url, "n")
        with pytest.raises(Exception, match=r"WRONGPASS|invalid|HELLO|uthenticat"):
            await RedisTier(redis_server.url, "n", 5.0).open()


def test_an_endpoint_shows_its_place_only() -> None:
    """Errors name it."""
    for url, shown in (
        ("redis://ann:geheim@host:1/0", "host:1"),
        ("redis://:geheim@[::1]/0", "[::1]:6379"),
        ("unix://:geheim@/run/redis.sock", "/run/redis.sock"),
    ):
        endpoint = Endpoint.of(parse_l2_url(url))
        assert str(endpoint) == shown
        assert "geheim" not in repr(endpoint)
