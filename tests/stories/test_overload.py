"""A load past what the subject can do is told apart from a slow answer."""

import json

import pytest

from tests.support.command import Bench

pytestmark = [pytest.mark.story, pytest.mark.timeout(600)]

# An origin of 10 ms behind 8 slots answers 800 a second, on any machine.
SLOW_ORIGIN = """
name = "slow_origin"
purpose = "Every read goes to an origin that takes 10 ms."
type = "load"
time_s = 3
deadline_s = 60

[parameters]
rate = 550.0

[[phases]]
name = "load"
[phases.load]
kind = "open"
arrivals = "constant"
rate = "$rate"
duration_s = 3
max_in_flight = 8
loader_time_s = 0.01

[[expectations]]
metric = "errors"
equals = 0
"""


def test_a_load_doubled_past_saturation_is_invalid_and_says_why(bench: Bench) -> None:
    """At 550/s it is measured; at twice as much the report says what was due and what was done."""
    path = bench.write("slow.toml", SLOW_ORIGIN)
    assert bench("run", path, "--subject", "null").returncode == 0
    done = bench("run", path, "--subject", "null", "--set", "rate=1100")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "saturated" in done.stdout
    report = json.loads((bench.folder / ".bench" / "report.json").read_text())
    found = report["results"]["slow_origin"]
    assert found["verdict"] == "unknown"
    assert {each["outcome"] for each in found["attempts"]} == {"invalid"}
    assert "1,100/s were due" in found["attempts"][0]["reason"]
