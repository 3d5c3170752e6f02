"""The servers that other tests break must themselves be reliable."""

import pytest

from tests.support.servers import (
    DockerRedis,
    EmbeddedRedis,
    RedisServer,
    answers,
    embedded_redis,
    require,
)
from tests.support.waiting import wait_until, wait_until_async


def test_embedded_server_ends_with_its_block() -> None:
    """The server answers inside the block and not after it."""
    with embedded_redis() as server:
        assert answers(server.url)
    assert not answers(server.url)


def test_failure_in_the_block_shows_the_log() -> None:
    """A failing test's error carries what the server logged."""
    with pytest.raises(ValueError, match="boom") as failure, embedded_redis():
        raise ValueError("boom")
    assert "Ready to accept connections" in failure.value.__notes__[0]


def test_embedded_server_breaks_and_returns(own_redis: EmbeddedRedis) -> None:
    """Killed and paused it is silent; restarted and resumed it answers at the same URL."""
    _break_and_mend(own_redis)


@pytest.mark.docker
def test_container_breaks_and_returns(docker_redis: DockerRedis) -> None:
    """The container does what the embedded server does, at an unchanging URL."""
    _break_and_mend(docker_redis)


def test_paused_server_ends_with_its_block() -> None:
    """A server that was left paused is stopped at once, without waiting for its goodwill."""
    with embedded_redis() as server:
        server.pause()
    assert not answers(server.url, timeout_s=0.2)


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip), ("1", pytest.fail)])
def test_missing_service_fails_under_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type
) -> None:
    """A missing service skips for a person and fails for CI."""
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome.Exception, match="Docker is needed: no engine"):
        require("Docker", "no engine")


def test_waiting_ends_with_a_clear_text() -> None:
    """A condition that is never met names itself, its last answer and the diagnosis."""
    with pytest.raises(AssertionError, match=r"for the moon; last answer: 0\nlog: dark"):
        wait_until(lambda: 0, 0.01, what="the moon", diagnosis=lambda: "log: dark")


async def test_waiting_takes_awaitable_conditions() -> None:
    """A coroutine function is a condition too, and its answer is returned."""
    answers_to_come = iter([None, "", "here"])

    async def condition() -> str | None:
        return next(answers_to_come)

    assert await wait_until_async(condition) == "here"


def _break_and_mend(server: RedisServer) -> None:
    server.pause()
    assert not answers(server.url, timeout_s=0.2)
    server.resume()
    wait_until(lambda: answers(server.url), what="the resumed server", diagnosis=server.log)
    server.kill()
    assert not answers(server.url)
    server.restart()
    wait_until(lambda: answers(server.url), what="the restarted server", diagnosis=server.log)
