"""What a run takes along: files by their SHA-256, each once, and only readable ones."""

import hashlib
from pathlib import Path

import pytest

from pipeline import bundle as bundles
from pipeline.bundle import collect
from pipeline.errors import ScenarioFileError, TraceFormatError, TraceLoadError
from pipeline.load import TraceLoad
from pipeline.scenario import Scenario

CONTENT = b"\x00\x00\x00\x07" * 3
TWO_REPLAYS = """
name = "mine"
purpose = "It replays one trace twice."
type = "load"
time_s = 1
[parameters]
trace = "mine.trace"
[[phases]]
name = "first"
load = { kind = "trace", trace = "$trace" }
[[phases]]
name = "second"
load = { kind = "trace", trace = "$trace" }
"""


@pytest.fixture
def scenario_file(tmp_path: Path) -> Path:
    """A scenario file with the trace that it names beside it."""
    (tmp_path / "mine.trace").write_bytes(CONTENT)
    path = tmp_path / "mine.toml"
    path.write_text(TWO_REPLAYS)
    return path


def _traces(scenario: Scenario) -> list[str | None]:
    return [phase.load.trace for phase in scenario.phases if isinstance(phase.load, TraceLoad)]


def test_files_are_taken_along_once_and_known_by_their_hash(scenario_file: Path) -> None:
    """The scenario's own file and its trace travel; the spec holds hashes, not paths."""
    bundle = collect([str(scenario_file)])

    by_name = {file.name: file for file in bundle.files}
    assert set(by_name) == {"mine.toml", "mine.trace"}
    assert len(bundle.files) == 2
    for file in bundle.files:
        assert file.sha256 == hashlib.sha256(file.content).hexdigest()
    assert _traces(bundle.scenarios[0]) == [by_name["mine.trace"].sha256] * 2
    assert bundle.sources == {"mine": by_name["mine.toml"].sha256}


def test_a_built_in_scenario_takes_nothing_along() -> None:
    """What every worker has does not travel."""
    bundle = collect(["trace_replay", "basic_operations"])
    assert (bundle.files, bundle.sources) == ((), {})


def test_a_trace_of_the_callers_replaces_the_synthetic_one(scenario_file: Path) -> None:
    """`--set trace=FILE` is read when the run is planned."""
    trace = str(scenario_file.with_name("mine.trace"))
    bundle = collect(["trace_replay"], overrides={"trace": trace})
    assert _traces(bundle.scenarios[0]) == [hashlib.sha256(CONTENT).hexdigest()]


def test_what_differs_from_the_defaults_is_known_of_each_scenario(scenario_file: Path) -> None:
    """By value, not by spelling; a file by its name and content, wherever it lies."""
    trace = scenario_file.with_name("mine.trace")
    overrides = {"trace": str(trace), "users": "4", "l1_max_size": "1_00", "requests": "3"}
    bundle = collect(["trace_replay", "basic_operations"], overrides=overrides)
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert bundle.parameters == {
        "trace_replay": {"l1_max_size": 100, "requests": 3, "trace": f"mine.trace@{digest[:12]}"}
    }
    changed = collect(["basic_operations"], overrides={"users": "5", "preset": "performance"})
    assert changed.parameters == {"basic_operations": {"preset": "performance", "users": 5}}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("odd.trace", b"12345", "expected 32-bit keys"),
        ("broken.trace.xz", b"no xz", "not readable as .xz"),
        ("mine.txt", CONTENT, "expected a name that ends in"),
        ("none.trace", None, "No such file"),
    ],
)
def test_a_trace_that_can_not_be_replayed_is_told_at_once(
    tmp_path: Path, name: str, content: bytes | None, expected: str
) -> None:
    """Not by a worker, minutes later."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TraceFormatError, match=expected) as raised:
        collect(["trace_replay"], overrides={"trace": str(path)})
    assert name in str(raised.value)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"timed": "true"}, "phase replay: timed: mine.trace has no recorded times; name a .csv"),
        ({"key_scale": "1e-9"}, "phase replay: key_scale: 1e-09 leaves none of the 1 keys"),
    ],
)
def test_a_load_that_does_not_fit_its_trace_is_told_at_once(
    scenario_file: Path, overrides: dict[str, str], expected: str
) -> None:
    """With the scenario, the phase and the key; a synthetic trace is looked at as well."""
    trace = str(scenario_file.with_name("mine.trace"))
    with pytest.raises(TraceLoadError, match=f"trace_replay: {expected}"):
        collect(["trace_replay"], overrides={"trace": trace, **overrides})
    if "leaves" not in expected:
        with pytest.raises(TraceLoadError, match=expected.replace("mine.trace", "the synth.*")):
            collect(["trace_replay"], overrides=overrides)


def test_a_trace_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size is told before its bytes are read."""
    monkeypatch.setattr(bundles, "MAX_FILE_BYTES", 8)
    path = tmp_path / "large.trace"
    path.write_bytes(CONTENT)
    with pytest.raises(TraceFormatError, match="expected at most 64 MiB, got 12 bytes"):
        collect(["trace_replay"], overrides={"trace": str(path)})


def test_a_device_is_no_trace() -> None:
    """What has no end is refused before it is read."""
    with pytest.raises(TraceFormatError, match="/dev/zero: expected a regular file"):
        collect(["trace_replay"], overrides={"trace": "/dev/zero"})


def test_a_missing_scenario_file_is_told(tmp_path: Path) -> None:
    """With its path."""
    with pytest.raises(ScenarioFileError, match="No such file"):
        collect([str(tmp_path / "none.toml")])
