"""Servers that Tierbench starts: they can be broken, come back, and never stay behind."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis

from pipeline.errors import ServerSettingError, ServiceUnavailableError
from pipeline.servers import EmbeddedServer, Server, ServerKind, make_server
from pipeline.servers.base import answering_process
from tests.pipeline.starting import started
from tests.support.waiting import wait_until

OWNER = """
import signal, sys
from pipeline.servers import EmbeddedServer
server = EmbeddedServer()
server.start()
if sys.argv[1] == "paused":
    server.pause()
print(server._process.pid, flush=True)
signal.pause()
"""


@pytest.fixture(params=["embedded", pytest.param("docker", marks=pytest.mark.docker)])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A running server of each kind."""
    with started(request.param) as made:
        yield made


def _answers(server: Server) -> bool:
    return answering_process(server.url) is not None


def test_it_listens_on_loopback_alone(server: Server) -> None:
    """Nobody beyond this machine can reach it."""
    assert server.url.startswith("redis://127.0.0.1:")
    port = int(server.url.split(":")[-1].split("/")[0])
    listening = [
        connection.laddr.ip
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
    ]
    assert set(listening) <= {"127.0.0.1"}


def test_a_killed_server_comes_back_empty_at_the_same_url(server: Server) -> None:
    """Its port stays; its data don't."""
    with redis.Redis.from_url(server.url) as client:
        client.set("key", "value")
    url = server.url

    server.kill()
    assert not _answers(server)
    server.restart()

    assert server.url == url
    with redis.Redis.from_url(url) as client:
        assert client.get("key") is None


@pytest.mark.parametrize("kind", ["embedded", pytest.param("docker", marks=pytest.mark.docker)])
def test_a_durable_server_comes_back_with_what_it_acknowledged(
    kind: ServerKind, tmp_path: Path
) -> None:
    """As often as it is asked to, or empty; its files go with it."""
    with started(kind, durable=True, folder=tmp_path) as server:
        for number in range(2):
            with redis.Redis.from_url(server.url, decode_responses=True) as client:
                client.mset({f"k{each}": number for each in range(1_000)})
                client.set("last", number)
            server.kill()
            server.restart(keep_data=True)
            assert (server.command("GET", "last"), server.command("DBSIZE")) == (str(number), 1001)
            server.restart()
            assert server.command("DBSIZE") == 0
    assert not list(tmp_path.iterdir())


def test_a_server_that_keeps_nothing_can_t_come_back_with_it(server: Server) -> None:
    """It is told before the server is killed."""
    with pytest.raises(ServerSettingError, match="keeps no data to come back with"):
        server.restart(keep_data=True)
    assert _answers(server)


@pytest.mark.parametrize("kind", ["embedded", pytest.param("docker", marks=pytest.mark.docker)])
def test_a_replica_takes_the_place_of_its_primary(kind: ServerKind) -> None:
    """It has the primary's data, and takes writes once it leads."""
    with started(kind) as primary, started(kind) as replica:
        primary.command("SET", "k", "v")
        replica.follow(primary)
        with pytest.raises(ServiceUnavailableError, match=f"^SET at {replica.url}: .*read only"):
            replica.command("SET", "k", "w")
        primary.kill()
        replica.lead()
        assert replica.command("GET", "k") == "v"
        assert replica.command("SET", "k", "w")


def test_a_server_that_does_not_answer_has_no_replicas() -> None:
    """Who would follow it is told within a time."""
    with EmbeddedServer() as server:
        server.kill()
        with pytest.raises(ServiceUnavailableError, match=r"^REPLICAOF at "):
            server.follow(server)


def test_a_paused_server_goes_on_with_its_data(server: Server) -> None:
    """It answers nothing while paused and has lost nothing after."""
    with redis.Redis.from_url(server.url) as client:
        client.set("key", "value")
    server.pause()
    assert not _answers(server)
    server.resume()
    with redis.Redis.from_url(server.url) as client:
        assert client.get("key") == b"value"


@pytest.mark.parametrize("state", ["running", "killed", "paused"])
def test_it_stops_from_every_state_and_more_than_once(server: Server, state: str) -> None:
    """Whatever a fault left behind, stopping cleans it up."""
    if state == "killed":
        server.kill()
    elif state == "paused":
        server.pause()
    server.stop()
    server.stop()
    assert not _answers(server)


def test_a_restart_of_a_running_server_kills_it_first(server: Server) -> None:
    """A restart is never a second server."""
    before = answering_process(server.url)
    with redis.Redis.from_url(server.url) as client:
        client.set("key", "value")
    server.restart()
    with redis.Redis.from_url(server.url) as client:
        assert client.get("key") is None
    assert before is not None


@pytest.mark.parametrize("kind", ["embedded", pytest.param("docker", marks=pytest.mark.docker)])
def test_its_settings_stay_over_a_restart(kind: ServerKind) -> None:
    """A server that comes back is the one that the scenario asked for."""
    settings = {"maxmemory": "64mb", "maxmemory-policy": "allkeys-lru"}
    with started(kind, settings) as server:
        server.restart()
        with redis.Redis.from_url(server.url, decode_responses=True) as client:
            assert client.config_get("maxmemory") == {"maxmemory": str(64 << 20)}
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "allkeys-lru"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"dir": "/"}, "l2_settings.dir: may not be set; these may: active-expire-effort, "),
        ({"bind": "0.0.0.0"}, "l2_settings.bind: may not be set"),
        ({"maxmemory": "1mb\nrename-command GET X"}, "l2_settings.maxmemory: '1mb"),
        ({"maxmemory": "--loadmodule"}, "is not a plain value such as 64mb"),
        ({"maxmemory": ""}, "is not a plain value such as 64mb"),
    ],
)
def test_settings_that_could_open_store_or_run_something_are_refused(
    settings: dict[str, str], said: str
) -> None:
    """Nothing is started, and the line says which may be set."""
    with pytest.raises(ServerSettingError) as raised:
        make_server("embedded", settings)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_value_that_the_server_refuses_is_told() -> None:
    """In the server's own words."""
    with pytest.raises(ServiceUnavailableError, match="argument must be a memory value"):
        make_server("embedded", {"maxmemory": "plenty"}).start()


def test_its_log_can_be_read() -> None:
    """A failure can show what the server said, over restarts."""
    with EmbeddedServer() as server:
        server.restart()
        assert server.log().count("Ready to accept connections") == 2
    assert server.log() == ""


def test_nothing_of_it_stays() -> None:
    """Neither the server nor its guard outlives a stop."""
    mine = psutil.Process()
    before = {child.pid for child in mine.children(recursive=True)}
    with EmbeddedServer() as server:
        assert len({child.pid for child in mine.children(recursive=True)} - before) == 2
        server.restart()
    assert {child.pid for child in mine.children(recursive=True)} <= before


def test_ctrl_c_in_the_terminal_does_not_reach_it() -> None:
    """It has a session of its own, so that its owner decides when it ends."""
    with EmbeddedServer() as server:
        pid = answering_process(server.url)
        assert pid is not None
        assert os.getsid(pid) != os.getsid(0)


def test_it_outlives_the_thread_that_started_it() -> None:
    """A server that a helper thread starts belongs to the process."""
    server = EmbeddedServer()
    starter = threading.Thread(target=server.start)
    starter.start()
    starter.join()
    try:
        assert _answers(server)
    finally:
        server.stop()


@pytest.mark.parametrize("state", ["running", "paused"])
def test_it_does_not_outlive_a_killed_owner(state: str) -> None:
    """An owner that dies of SIGKILL takes its server along, even a stopped one."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, state], stdout=subprocess.PIPE, text=True
    )
    with owner:
        assert owner.stdout is not None
        server = psutil.Process(int(owner.stdout.readline()))
        owner.send_signal(signal.SIGKILL)
    wait_until(lambda: not _lives(server), what="the server's end")


def test_a_server_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line has what the server itself said last, and nothing stays behind."""
    monkeypatch.setattr("pipeline.servers.embedded._options", lambda port: ["--nonsense", "1"])
    children = psutil.Process().children()
    server = EmbeddedServer()
    with pytest.raises(ServiceUnavailableError, match="does not start: Bad directive"):
        server.start()
    assert psutil.Process().children() == children


@pytest.mark.docker
def test_a_docker_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what was wanted and how to do without."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(ServiceUnavailableError, match="--services embedded") as raised:
        make_server("docker").start()
    assert "\n" not in str(raised.value)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_docker_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line says where it was looked for."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(ServiceUnavailableError, match=r"engine answers at tcp://127\.0\.0\.1:1;"):
        make_server("docker").start()
