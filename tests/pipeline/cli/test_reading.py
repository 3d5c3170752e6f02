"""Commands that read what is stored: status, report and trends, on two runs that have ended."""

import json

from tests.support.command import Bench


def test_status_lists_the_latest_runs_first(two_runs: Bench) -> None:
    """Without RUN: runs and how many of their jobs are in which state."""
    runs = two_runs.json("status")["runs"]
    ours = [run for run in runs if run["total"] == 2]
    assert ours[0]["state"] == "ended"
    assert ours[0]["counts"]["completed"] == 2
    assert [run["created_at"] for run in runs] == sorted(
        (run["created_at"] for run in runs), reverse=True
    )
    assert ours[0]["run_id"] in two_runs("status").stdout


def test_status_of_a_run_names_its_jobs_and_their_worker(two_runs: Bench) -> None:
    """With RUN, also by the part that its id begins with, and where --watch has nothing to wait."""
    run_id = two_runs.json("status")["runs"][-1]["run_id"]
    told = two_runs.json("status", run_id)
    assert told["jobs"][0]["scenario"] == "small"
    assert told["jobs"][0]["worker"]["pid"]
    watched = two_runs("status", run_id, "--watch")
    assert watched.returncode == 0
    assert "completed" in watched.stdout


def test_a_report_is_rendered_from_what_is_stored(two_runs: Bench) -> None:
    """JSON and Markdown, on stdout or in a file."""
    run_id = two_runs.json("status")["runs"][-1]["run_id"]
    report = json.loads(two_runs("report", run_id).stdout)
    assert report["run_id"] == run_id
    assert report["labels"] == {"which": "first"}
    done = two_runs("report", run_id, "--format", "md", "-o", "report.md")
    assert done.returncode == 0
    text = (two_runs.folder / "report.md").read_text()
    assert text.startswith("#")
    assert "small" in text


def test_a_trend_has_both_runs(two_runs: Bench) -> None:
    """By a metric's unique beginning, oldest first, with the change between them."""
    series = two_runs.json("trends", "throughput", "--scenario", "small")["series"]
    assert len(series) == 1
    points = series[0]["points"]
    assert len(points) >= 2
    assert points[0]["change"] is None
    assert points[1]["change"] == points[1]["value"] / points[0]["value"] - 1
    table = two_runs("trends", "throughput").stdout
    assert all(point["run_id"] in table for point in points)
    assert max(map(len, table.splitlines())) <= 100


def test_a_trend_can_be_cut(two_runs: Bench) -> None:
    """The last of each series, and only runs that are young enough."""
    last = two_runs.json("trends", "throughput", "--last", "1", "--since", "1d")["series"]
    assert [len(each["points"]) for each in last] == [1]
