"""Servers and addresses for every room's tests.

A server of the session is shared: a test keeps to a namespace of its own there. What breaks a
server asks for `own_redis`.
"""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_postgresql.executors import PostgreSQLExecutor
from testcontainers.community.redis import RedisContainer

from tests.support.postgres import database_of, postgresql
from tests.support.servers import DockerRedis, EmbeddedRedis, embedded_redis, redis_container


@pytest.fixture(scope="session")
def redis_server() -> Iterator[EmbeddedRedis]:
    """An embedded server that this process's tests share; nobody breaks it."""
    with embedded_redis() as server:
        yield server


@pytest.fixture(scope="session")
def redis_url(redis_server: EmbeddedRedis) -> str:
    """The URL of the shared embedded server."""
    return redis_server.url


@pytest.fixture
def own_redis() -> Iterator[EmbeddedRedis]:
    """An embedded server of the test's own, to be killed, paused or flushed at will."""
    with embedded_redis() as server:
        yield server


@pytest.fixture(scope="session")
def redis_test_container() -> Iterator[RedisContainer]:
    """Real Redis in a container; a test that asks for it carries the marker `docker`."""
    with redis_container() as container:
        yield container


@pytest.fixture(scope="session")
def docker_redis(redis_test_container: RedisContainer) -> DockerRedis:
    """The session's container as a server; what breaks it must start it again."""
    return DockerRedis(redis_test_container)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQLExecutor]:
    """A PostgreSQL server that this process's tests share."""
    with postgresql() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql_server: PostgreSQLExecutor) -> Iterator[str]:
    """The URL of an empty PostgreSQL database; a test that asks for it is marked `postgresql`."""
    with database_of(postgresql_server) as url:
        yield url


@pytest.fixture
def namespace() -> str:
    """A namespace that no other test uses."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'l3.db'}"
