"""Holds the page on security to what servers say: its rules suffice, and TLS and passwords work."""

import asyncio
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from pytest_postgresql.executors import PostgreSQLExecutor
from redis import Redis
from redis.exceptions import NoPermissionError

from pipeline import broker as brokers
from pipeline.cli.l3 import check_l3
from pipeline.errors import ServiceUnavailableError
from pipeline.letters import QUEUE
from pipeline.subject import SubjectSettings
from results.errors import StoreUnavailableError
from results.store import Store
from tests.cache.l2.redis_places import make_certificate, tls_front
from tests.docs.privileges import ENCODED, PASSWORD, allowed, rule
from tests.support.postgres import database_of
from tests.support.servers import LOOPBACK, EmbeddedRedis
from tests.support.waiting import wait_until
from workers import log
from workers.execute import one_line
from workers.subjects.base import Addresses
from workers.subjects.registry import build_subject

SUBJECTS = (
    "multilevel",
    "aiocache-redis",
    "cashews-client-side",
    "cashews-redis",
    "coredis",
    "dogpile-redis",
    "redis-py",
)


def test_the_broker_s_user(own_redis: EmbeddedRedis) -> None:
    """Messages are sent, fetched, acknowledged and maintained; nothing else can be reached."""
    with allowed(own_redis, "broker") as url, closing(brokers.make_broker(url)) as broker:
        brokers.ping(url)
        # Each command brings maintenance along.
        broker.maintenance_chance = 1_000_000
        brokers.send_job(broker, "job")
        assert brokers.queue_length(broker) == 1
        broker.declare_queue(QUEUE)
        consumer = broker.consume(QUEUE, prefetch=1, timeout=50)
        consumer.ack(next(filter(None, consumer)))
        consumer.close()
        _reaches_nothing_else(url)


@pytest.mark.filterwarnings("ignore:Call to deprecated (p?setex|close):DeprecationWarning")
async def test_the_users_of_l2(own_redis: EmbeddedRedis, sqlite_url: str) -> None:
    """Every subject on Redis does all of its operations."""
    with allowed(own_redis, "l2") as url:
        for name in SUBJECTS:
            addresses = Addresses(namespace=f"tierbench:{name}", l2_url=url, l3_url=sqlite_url)
            subject = build_subject(name, SubjectSettings(), addresses)
            await subject.start()
            await subject.set("a", 1)
            await subject.set_many({"b": 2, "c": 3})
            assert (await subject.get("a", None)).value == 1
            assert {key: each.value for key, each in (await subject.get_many("bc")).items()} == {
                "b": 2,
                "c": 3,
            }
            await subject.delete("a")
            await subject.clear()
            await subject.stop()
        _reaches_nothing_else(url)


def _reaches_nothing_else(url: str) -> None:
    with closing(Redis.from_url(url)) as client:
        for refused in (("FLUSHALL",), ("GET", "other")):
            with pytest.raises(NoPermissionError):
                client.execute_command(*refused)


@pytest.mark.postgresql
async def test_the_users_of_postgresql(postgresql_server: PostgreSQLExecutor) -> None:
    """Results and L3 live in databases of a user who may make tables there and nothing more."""
    with database_of(postgresql_server) as url, _role(url) as own:
        with Store.open(own) as store:
            assert store.runs(1) == []
        check_l3(own)
        subject = build_subject(
            "multilevel-l1-l3",
            SubjectSettings(),
            Addresses(namespace="tierbench:n", l2_url=None, l3_url=own),
        )
        await subject.start()
        await subject.set("a", 1)
        await subject.empty("l1")
        assert (await subject.get("a", None)).value == 1
        await subject.clear()
        await subject.stop()
        with psycopg.connect(own) as connection, pytest.raises(psycopg.Error):
            connection.execute("CREATE ROLE another")


@contextmanager
def _role(url: str) -> Iterator[str]:
    """The database's URL for a role that the page's grants were given."""
    database = urlsplit(url).path[1:]
    with psycopg.connect(url, autocommit=True) as admin:
        create = sql.SQL("CREATE ROLE bench LOGIN PASSWORD {}")
        admin.execute(create.format(sql.Literal(PASSWORD)))
        try:
            for grant in rule("postgresql").replace(" name ", f" {database} ").splitlines():
                admin.execute(grant)
            yield url.replace("//", f"//bench:{ENCODED}@").replace("@postgres@", "@")
        finally:
            admin.execute("DROP OWNED BY bench")
            admin.execute("DROP ROLE bench")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for loopback, and its key."""
    return make_certificate(tmp_path_factory.mktemp("tls"), f"IP:{LOOPBACK}")


async def test_a_broker_with_tls(redis_url: str, certificate: tuple[Path, Path]) -> None:
    """It answers where its certificate is trusted, and else one line says why not."""
    async with tls_front(urlsplit(redis_url).port or 0, *certificate) as port:
        url = f"rediss://{LOOPBACK}:{port}/0"
        await asyncio.to_thread(brokers.ping, f"{url}?ssl_ca_certs={certificate[0]}")
        with pytest.raises(ServiceUnavailableError, match="certificate verify failed") as caught:
            await asyncio.to_thread(brokers.ping, url)
        assert "\n" not in str(caught.value)


@pytest.mark.postgresql
def test_results_and_l3_with_tls(
    postgresql_server: PostgreSQLExecutor, certificate: tuple[Path, Path]
) -> None:
    """They answer where the certificate is trusted, and else one line says why not."""
    with database_of(postgresql_server) as url, _speaking_tls(postgresql_server, certificate):
        trusted = f"{url}?sslmode=verify-full&sslrootcert={certificate[0]}"
        with Store.open(trusted) as store:
            assert store.runs(1) == []
        check_l3(trusted)
        for mistake in ("sslrootcert=/no/such/file", "sslrootcert=system"):
            wrong = f"{url}?sslmode=verify-full&{mistake}"
            with pytest.raises(StoreUnavailableError) as results:
                Store.open(wrong)
            with pytest.raises(ServiceUnavailableError) as l3:
                check_l3(wrong)
            assert "certificate" in str(results.value)
            assert "certificate" in str(l3.value)
            assert "\n" not in f"{results.value}{l3.value}"


@contextmanager
def _speaking_tls(server: PostgreSQLExecutor, certificate: tuple[Path, Path]) -> Iterator[None]:
    """Let a running server speak TLS too for the length of the block."""
    folder = Path(server.datadir)
    owner = folder.stat()
    for source, name in zip(certificate, ("tls.crt", "tls.key"), strict=True):
        shutil.copy(source, folder / name)
        os.chown(folder / name, owner.st_uid, owner.st_gid)
        (folder / name).chmod(0o600)
    place = f"postgresql://{server.user}@{server.host}:{server.port}/postgres"
    with psycopg.connect(place, autocommit=True) as admin:
        try:
            for setting in ("ssl_cert_file = 'tls.crt'", "ssl_key_file = 'tls.key'", "ssl = on"):
                admin.execute(f"ALTER SYSTEM SET {setting}")
            admin.execute("SELECT pg_reload_conf()")
            wait_until(lambda: _speaks_tls(place), what="TLS")
            yield
        finally:
            admin.execute("ALTER SYSTEM RESET ALL")
            admin.execute("SELECT pg_reload_conf()")


def _speaks_tls(place: str) -> bool:
    try:
        psycopg.connect(f"{place}?sslmode=require").close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.filterwarnings("ignore:Call to deprecated (p?setex|close):DeprecationWarning")
async def test_no_subject_tells_a_password(own_redis: EmbeddedRedis, sqlite_url: str) -> None:
    """What is stored of a failure, of a refused login or a server that is away, has none."""
    url = own_redis.url.replace("//", f"//me:{ENCODED}@")
    # What coredis leaves unclosed when it can't connect fails a test.
    names = [name for name in SUBJECTS if name != "coredis"]
    told = [await _failure(name, url, sqlite_url) for name in names]
    own_redis.kill()
    told += [await _failure(name, url, sqlite_url) for name in names]
    assert "geheim" not in " ".join(told)
    assert any(told)


async def _failure(name: str, l2_url: str, l3_url: str) -> str:
    addresses = Addresses(namespace="tierbench:n", l2_url=l2_url, l3_url=l3_url)
    subject = build_subject(name, SubjectSettings(), addresses)
    told = []
    for call in (subject.start, lambda: subject.set("a", 1), subject.clear, subject.stop):
        try:
            await call()
        except Exception as error:  # noqa: BLE001 - what libraries raise is what is asked for
            told.append(one_line(error))
    return "; ".join(told)


def test_a_worker_s_log_hides_passwords(capsys: pytest.CaptureFixture[str]) -> None:
    """Of events, of Dramatiq's warnings, and of the traceback of an error nobody foresaw."""
    loggers = [logging.getLogger(name) for name in ("tierbench", "dramatiq")]
    before = [(each, each.handlers[:], each.level, each.propagate) for each in loggers]
    try:
        log.set_up("worker 1")
        log.event(f"can't reach redis://me:{PASSWORD}@host:1/0")
        error = ValueError(f"postgresql://me:{PASSWORD}@host/database is away")
        logging.getLogger("dramatiq.worker").error("it failed", exc_info=error)
    finally:
        for each, handlers, level, propagate in before:
            each.handlers[:], each.propagate = handlers, propagate
            each.setLevel(level)
    said = capsys.readouterr().err
    assert "redis://me:***@host:1/0" in said
    assert "ValueError: postgresql://me:***@host/database is away" in said
    assert "geheim" not in said
