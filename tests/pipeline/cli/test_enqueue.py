"""`bench enqueue` and `bench worker` on services that were started by hand."""

import json

from tests.pipeline.cli.conftest import SMALL, MakeBench, wait_for_job


def test_a_worker_started_by_hand_does_what_was_enqueued(
    make_bench: MakeBench, services: dict[str, str]
) -> None:
    """Two folders share nothing but URLs; a later --wait reports a run and its exit code."""
    user, machine = make_bench(**services), make_bench(**services)
    user.write("small.toml", SMALL)
    early = user("enqueue", "small.toml", "--repeat", "2")
    assert early.returncode == 0, early.stderr
    assert "no worker is alive" in early.stderr
    run_id = early.stdout.strip()
    assert user.json("status", run_id)["counts"]["queued"] == 2
    with machine.running("worker", "--processes", "1"):
        wait_for_job(user, "completed")
        waited = user(
            "enqueue", "small.toml", "--wait", "--set", "least=1000", "--report-file", "out.json"
        )
    assert waited.returncode == 3, waited.stderr
    assert "no worker is alive" not in waited.stderr
    assert "operations >= 1000" in waited.stdout
    report = json.loads((user.folder / "out.json").read_text())
    assert report["run_id"] == waited.stdout.split()[0]
    assert user.json("status", run_id)["counts"]["completed"] == 2


def test_json_tells_the_run_and_the_workers(
    make_bench: MakeBench, services: dict[str, str]
) -> None:
    """Other programs get the id, the number of jobs, and whether anybody will do them."""
    user = make_bench(**services)
    user.write("small.toml", SMALL)
    told = user.json("enqueue", "small.toml", "--subject", "null", "--subject", "multilevel")
    assert told["jobs"] == 2
    assert told["live_workers"] == 0
    assert user.json("status")["runs"][0]["run_id"] == told["run_id"]


def test_a_type_chooses_among_the_names(make_bench: MakeBench, services: dict[str, str]) -> None:
    """A scenario of another type is left out; nothing left is a mistake."""
    user = make_bench(**services)
    user.write("small.toml", SMALL)
    done = user("enqueue", "small.toml", "--type", "resilience")
    assert done.returncode == 2
    assert "resilience" in done.stderr
