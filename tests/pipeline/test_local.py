"""Services for one machine: there while the block runs, gone after it."""

from pathlib import Path

import pytest

from pipeline.errors import ServiceUnavailableError
from pipeline.local import local_services
from pipeline.servers.base import answering_process
from pipeline.settings import Settings
from tests.pipeline.starting import services_of
from tests.support.servers import EmbeddedRedis, free_port


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("services", ["embedded", pytest.param("docker", marks=pytest.mark.docker)])
def test_broker_and_l2_are_servers_of_the_runs_own(services: str, tmp_path: Path) -> None:
    """Two servers answer in the block; none does after it; L3 is one file for all workers."""
    with services_of(services, Settings()) as settings:
        urls = (settings.broker_url, settings.subject_l2_url)
        servers = {answering_process(url) is not None and url for url in urls}
        assert servers == set(urls)
        assert settings.subject_l3_url == f"sqlite:///{tmp_path}/.bench/l3.db"
    assert [answering_process(url) for url in urls] == [None, None]


def test_servers_stop_when_the_block_raises() -> None:
    """Ctrl-C in a run leaves no server behind."""
    with pytest.raises(KeyboardInterrupt), local_services("embedded", Settings()) as settings:
        raise KeyboardInterrupt
    assert answering_process(settings.broker_url) is None
    assert answering_process(settings.subject_l2_url) is None


def test_what_the_user_says_of_l3_and_results_holds() -> None:
    """Only broker and L2 are replaced."""
    given = Settings(l3_url="postgresql://h/l3", results_url="postgresql://h/results")
    with local_services("embedded", given) as settings:
        assert (settings.l3_url, settings.results_url) == (given.l3_url, given.results_url)


def test_urls_are_used_as_they_are(own_redis: EmbeddedRedis) -> None:
    """The user's servers are asked, not started and not stopped."""
    given = Settings(broker_url=own_redis.url)
    with local_services("urls", given) as settings:
        assert settings == given
    assert answering_process(own_redis.url) is not None


def test_an_l2_that_does_not_answer_is_told(own_redis: EmbeddedRedis) -> None:
    """The line names L2's own setting."""
    given = Settings(broker_url=own_redis.url, l2_url=f"redis://127.0.0.1:{free_port()}/0")
    with (
        pytest.raises(ServiceUnavailableError, match="BENCH_L2_URL"),
        local_services("urls", given),
    ):
        pass
