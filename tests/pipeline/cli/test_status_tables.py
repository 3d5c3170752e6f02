"""The tables of `bench status`."""

from typing import Any

from rich.console import Console

from pipeline.cli.status_tables import draw_run


def a_job(**changes: Any) -> dict[str, Any]:
    """A job as `status_data` tells it."""
    given = {
        "job_id": "run-1-0",
        "state": "running",
        "scenario": "coherence",
        "subject": "multilevel",
        "repeat": 0,
        "shard": 0,
        "attempt": 1,
        "worker": {"host": "host-1", "pid": 11, "id": "w"},
        "since": "2026-11-22T11:02:59+01:00",
        "reason": None,
    }
    return {**given, **changes}


def drawn(*jobs: dict[str, Any]) -> str:
    """A run of these jobs as it is printed."""
    run = {
        "run_id": "run-1",
        "state": "open",
        "names": ["coherence"],
        "counts": {"running": len(jobs)},
        "total": len(jobs),
        "jobs": jobs,
        "workers": [],
    }
    console = Console(width=100)
    with console.capture() as captured:
        console.print(draw_run(run))
    return captured.get()


def test_jobs_that_make_a_load_together_have_a_number() -> None:
    """Where there are such; all other runs are spared the column."""
    assert "shard" not in drawn(a_job())
    text = drawn(a_job(), a_job(shard=1, state="queued", worker=None))
    assert "shard" in text
    assert "      2   queued" in text


def test_a_subject_of_a_long_name_is_told_whole() -> None:
    """Over several lines, and no line is too long."""
    name = "somebodys.package.of.many.caches:make_the_one_that_uses_redis"
    text = drawn(a_job(subject=name, shard=1, reason="OSError: it broke and broke and broke"))
    assert max(map(len, text.splitlines())) <= 100
    head = next(line for line in text.splitlines() if line.startswith("scenario"))
    column = slice(head.index("subject"), head.index("repeat"))
    assert name in "".join(line[column].strip() for line in text.splitlines())
