"""`bench cancel`, `bench resume`, and what is enqueued twice with one idempotency key."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from pipeline.letters import QUEUE
from results.store import Store
from tests.pipeline.cli.conftest import SMALL
from tests.results.build import WORKER, a_job, a_result, complete, plan, take
from tests.support.in_process import Done, call_bench

KEY = "--idempotency-key"


class User:
    """Someone in a folder of their own, on services that nobody else uses."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        self.folder = folder
        self.results_url = f"sqlite:///{folder / 'results.db'}"
        self.environment = {"BENCH_BROKER_URL": redis_url, "BENCH_RESULTS_URL": self.results_url}
        self.store = Store.open(self.results_url)
        (folder / "small.toml").write_text(SMALL)

    def __call__(self, *arguments: str) -> Done:
        """Call the command."""
        return call_bench(self.folder, self.environment, *arguments)

    def enqueue(self, *more: str) -> str:
        """Enqueue two jobs; the run's id."""
        done = self("enqueue", "small.toml", "--repeat", "2", *more)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def user(tmp_path: Path, redis_url: str) -> Iterator[User]:
    """With an empty queue."""
    user = User(tmp_path, redis_url)
    yield user
    user.store.close()
    with redis.Redis.from_url(redis_url) as client:
        client.delete(*client.keys("tierbench:dramatiq*"), "nothing")


def test_a_run_is_cancelled_and_resumed(user: User, redis_url: str) -> None:
    """What was accepted stays; the rest is asked for again, and status says each time what next."""
    run_id = user.enqueue()
    accepted, running = user.store.jobs(run_id)
    complete(user.store, accepted)
    take(user.store, running)
    assert f"bench cancel {run_id}" in user("status", run_id).stdout
    cancelled = user("cancel", run_id[:-1])
    assert (cancelled.returncode, cancelled.stdout) == (0, f"{run_id}\n")
    assert "1 job cancelled; its workers stop" in cancelled.stderr
    assert f"bench resume {run_id}" in user("status", run_id).stdout
    with redis.Redis.from_url(redis_url) as client:
        client.delete(f"tierbench:dramatiq:{QUEUE}")
        resumed = user("resume", run_id)
        assert client.llen(f"tierbench:dramatiq:{QUEUE}") == 1
    assert resumed.returncode == 0, resumed.stderr
    assert "1 job queued again" in resumed.stderr
    assert "no worker is alive" not in resumed.stderr
    assert user.store.unsent_jobs(60) == []
    complete(user.store, running)
    waited = user("resume", run_id)
    assert waited.returncode == 2
    assert "all of them were accepted" in waited.stderr


def test_cancelling_again_says_so(user: User) -> None:
    """A run that was cancelled is cancelled; one that ended by itself can't be any more."""
    run_id = user.enqueue()
    assert json.loads(user("cancel", run_id, "--json").stdout) == {"run_id": run_id, "cancelled": 2}
    again = user("cancel", run_id)
    assert (again.returncode, again.stdout) == (0, f"{run_id}\n")
    assert "cancelled before" in again.stderr
    ended = user.enqueue()
    for job in user.store.jobs(ended):
        complete(user.store, job)
    refused = user("cancel", ended)
    assert refused.returncode == 2
    assert "has ended (2 of 2 jobs completed)" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_run_that_is_open_or_unknown_is_not_resumed(user: User) -> None:
    """One line says why; nothing is sent."""
    run_id = user.enqueue()
    still_open = user("resume", run_id)
    assert still_open.returncode == 2
    assert "2 are still open" in still_open.stderr
    for command in ("cancel", "resume"):
        unknown = user(command, "1999")
        assert unknown.returncode == 2
        assert "no run '1999'; the newest are" in unknown.stderr


def test_failed_jobs_are_resumed(user: User) -> None:
    """What takes a report to wait for does not go without --wait."""
    run_id = user.enqueue()
    for job in user.store.jobs(run_id):
        complete(user.store, job, a_result(error="boom"))
    user.store.beat([WORKER.worker_id], 0)
    told = json.loads(user("resume", run_id, "--json").stdout)
    assert told == {"run_id": run_id, "resumed": 2, "live_workers": 0}
    assert user("resume", run_id, "--report-file", "r.json").returncode == 2


def test_what_bench_run_left_open_needs_services_and_workers(user: User) -> None:
    """Its own have ended; both are said, and the run counts as one of the URLs from now on."""
    plan(user.store, [a_job()])
    user.store.cancel_run("run-1")
    said = user("resume", "run-1").stderr
    assert "what `bench run` started for it has ended" in said
    assert "no worker is alive" in said
    assert user.store.run("run-1").run.services == "urls"


def test_resuming_needs_a_broker(user: User) -> None:
    """Without one nothing is changed."""
    run_id = user.enqueue()
    user.store.cancel_run(run_id)
    user.environment["BENCH_BROKER_URL"] = "redis://127.0.0.1:1/0"
    done = user("resume", run_id)
    assert done.returncode == 1
    assert "the broker at" in done.stderr
    assert user.store.progress(run_id).cancelled == 2


def test_the_same_key_is_the_same_run(user: User) -> None:
    """The second call prints the first's id, asks for nothing, and needs no seed to be the same."""
    run_id = user.enqueue(KEY, "nightly")
    again = user("enqueue", "small.toml", "--repeat", "2", KEY, "nightly")
    assert (again.returncode, again.stdout) == (0, f"{run_id}\n")
    assert "nothing more was enqueued" in again.stderr
    assert len(user.store.runs(9)) == 1
    asked = ("enqueue", "small.toml", "--repeat", "2", KEY, "nightly", "--json")
    told = json.loads(user(*asked).stdout)
    assert (told["run_id"], told["new"]) == (run_id, False)
    assert user.enqueue(KEY, "weekly") != run_id


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("small.toml",), "other repeats"),
        (("small.toml", "--repeat", "2", "--seed", "5"), "another seed"),
        (("small.toml", "--repeat", "2", "--label", "a=b"), "other labels"),
        (("small.toml", "--repeat", "2", "--set", "operations=3"), "other parameters"),
        (("quick", "--repeat", "2"), "other names"),
        (("small.toml", "--repeat", "2", "--code-version", "x"), "another code version"),
    ],
)
def test_a_key_of_another_request_is_refused(
    user: User, arguments: tuple[str, ...], what: str
) -> None:
    """One line names the run and what differs; nothing is written."""
    run_id = user.enqueue(KEY, "nightly")
    done = user("enqueue", *arguments, KEY, "nightly")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"belongs to run {run_id}, which was asked for with {what}" in done.stderr
    assert len(user.store.runs(9)) == 1


def test_a_changed_file_is_another_request(user: User) -> None:
    """Its name alone does not make it the same."""
    user.enqueue(KEY, "nightly")
    (user.folder / "small.toml").write_text(SMALL.replace("keys = 10", "keys = 11"))
    done = user("enqueue", "small.toml", "--repeat", "2", KEY, "nightly")
    assert done.returncode == 2
    assert "other scenarios" in done.stderr


def test_what_is_no_text_is_a_mistake(user: User) -> None:
    """Bytes that are no UTF-8 can't be the beginning of an id, nor a label."""
    for arguments in (("cancel", "\udcff"), ("enqueue", "small.toml", "--label", "a=\udcff")):
        done = user(*arguments)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "UTF-8" in done.stderr
    assert user.store.runs(1) == []


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb"])
def test_a_key_is_a_short_text(user: User, key: str) -> None:
    """Anything else is a mistake."""
    assert user("enqueue", "small.toml", KEY, key).returncode == 2
    assert user.store.runs(1) == []
