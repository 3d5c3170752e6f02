"""Files that a scenario file names stay in its folder; those that a user names lie anywhere."""

from pathlib import Path

import pytest

from pipeline.bundle import collect
from pipeline.errors import ScenarioFileError
from pipeline.load import TraceLoad

CONTENT = b"\x00\x00\x00\x07" * 3
REPLAY = """
name = "mine"
purpose = "It replays a trace."
type = "load"
time_s = 1
[parameters]
file = "{default}"
[[phases]]
name = "first"
load = {{ kind = "trace", trace = "$file" }}
[[phases]]
name = "second"
load = {{ kind = "trace", trace = "{named}" }}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a trace in it, one below it, and one beside it that two links lead to."""
    folder = tmp_path / "scenarios"
    (folder / "below").mkdir(parents=True)
    for path in (folder / "in.trace", folder / "below" / "in.trace", tmp_path / "out.trace"):
        path.write_bytes(CONTENT)
    (folder / "link.trace").symlink_to(tmp_path / "out.trace")
    (folder / "linked").symlink_to(tmp_path)
    (folder / "loop.trace").symlink_to(folder / "loop.trace")
    return folder


def write(folder: Path, default: str, named: str) -> str:
    """Write a scenario file that names two traces; its path."""
    path = folder / "mine.toml"
    path.write_text(REPLAY.format(default=default, named=named))
    return str(path)


@pytest.mark.parametrize("named", ["in.trace", "below/in.trace", "below/../in.trace", "./in.trace"])
def test_within_the_folder(folder: Path, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the way there, and whatever folder `bench` is called in."""
    monkeypatch.chdir(folder.parent)
    write(folder, named, named)
    (scenario,) = collect(["scenarios/mine.toml"]).scenarios
    assert all(isinstance(phase.load, TraceLoad) for phase in scenario.phases)


@pytest.mark.parametrize(
    "named",
    ["../out.trace", "below/../../out.trace", "link.trace", "linked/out.trace", "loop.trace"],
)
@pytest.mark.parametrize("by_parameter", [True, False])
def test_out_of_the_folder(folder: Path, named: str, *, by_parameter: bool) -> None:
    """Neither by `..` nor by a link, and the line says how to mend it."""
    path = write(folder, *((named, "in.trace") if by_parameter else ("in.trace", named)))
    with pytest.raises(ScenarioFileError, match="not in the scenario file's own folder") as caught:
        collect([path])
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).endswith("or make it a parameter and name it with --set")


@pytest.mark.parametrize("named", ["/etc/passwd", "\\u0000"])
def test_no_path_of_this_folder(folder: Path, named: str) -> None:
    """An absolute path is another folder's, and a text may be no path at all."""
    with pytest.raises(ScenarioFileError, match="not in the scenario file's own folder"):
        collect([write(folder, "in.trace", named)])


def test_what_the_user_names_lies_anywhere(folder: Path) -> None:
    """`--set` is the user's own word, and not a scenario file's."""
    path = write(folder, "in.trace", "in.trace")
    outside = str(folder.parent / "out.trace")
    bundle = collect([path], overrides={"file": outside})
    assert {"out.trace", "in.trace"} & {file.name for file in bundle.files}
