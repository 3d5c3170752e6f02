"""Runs every page's examples as they stand, and holds the reference pages to the code."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from results.store import Store
from tests.docs.examples import ROOT, SHOWN_ONLY, Block, blocks, pages, runnable
from tests.support.made_history import MadeHistory
from tests.support.servers import embedded_redis

BROKER = "redis://127.0.0.1:6379"
DATABASE = "postgresql://bench:secret@127.0.0.1:5432/bench"
# Coverage would slow down the figures that pages show, and tells nothing new.
NOT_PASSED_ON = ("BENCH_", "COVERAGE_")
# What takes half a minute or more is tried with the stories.
LONG = ("README.md", "docs/how-to/", "docs/contributing.md", "docs/tutorial.md")
# What is asked of a history, which is made for the page: forty versions, slower from v30 on.
OF_HISTORY = {
    f"docs/how-to/{name}.md"
    for name in (
        "ask-for-a-trend",
        "bring-results-together",
        "compare-versions",
        "find-what-got-slower",
        "gate-a-pull-request",
        "look-back",
        "prune-old-results",
    )
}
PAGES = [page for page in pages() if runnable(page)]


def page_id(page: Path) -> str:
    """A page's path from the root, as the test's name."""
    return str(page.relative_to(ROOT))


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A server of the page's own that stands in for the one on the usual port."""
    with embedded_redis() as server:
        yield server.url.rsplit("/", 1)[0] if server.url.count("/") > 2 else server.url


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with a history; to copy."""
    path = tmp_path_factory.mktemp("history") / "results.db"
    with Store.open(f"sqlite:///{path}") as store:
        MadeHistory().fill(store)
    return path


def script(page: Path, folder: Path) -> str:
    """One shell script that does what the page shows."""
    lines = ["set -u", "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT"]
    for number, block in enumerate(runnable(page)):
        lines += steps(block, folder, number)
    return "\n".join(lines)


def steps(block: Block, folder: Path, number: int) -> list[str]:
    """The lines of the script for one block; blocks with a file's name become that file."""
    if block.language == "toml" or (block.language == "python" and block.title):
        return [f"cat >{shlex.quote(block.title)} <<'END'\n{block.text}END"]
    if block.language == "python":
        name = f"example_{number}.py"
        return [f"cat >{name} <<'END'\n{block.text}END", *checked(f"python {name}", 0)]
    expected = int(match[1]) if (match := re.search(r"exit=(\d+)", block.title)) else 0
    *first, last = block.commands
    return [line for command in first for line in checked(command, 0)] + checked(last, expected)


def checked(command: str, expected: int) -> list[str]:
    """A command, and a check of its exit code unless it goes on in the background."""
    said = shlex.quote(f"$ {command}")
    if command.rstrip().endswith("&"):
        return [f"echo {said}", command]
    wrong = shlex.quote(f"expected exit code {expected} of: {command}")
    return [f"echo {said}", command, f"[ $? -eq {expected} ] || {{ echo {wrong} >&2; exit 99; }}"]


def _marked(page: Path) -> Any:
    name = page_id(page)
    marks = [pytest.mark.story] if name.startswith(LONG) and name not in OF_HISTORY else []
    return pytest.param(page, id=page_id(page), marks=marks)


@pytest.mark.parametrize("page", [_marked(page) for page in PAGES])
def test_page_does_what_it_shows(
    page: Path, tmp_path: Path, redis_url: str, request: pytest.FixtureRequest
) -> None:
    """Every runnable block of a page works, in order, in an empty folder."""
    if page_id(page) in OF_HISTORY:
        (tmp_path / ".bench").mkdir()
        history = request.getfixturevalue("history")
        shutil.copy(history, tmp_path / ".bench" / "results.db")
    text = script(page, tmp_path).replace(BROKER, redis_url)
    if DATABASE in text:
        text = text.replace(DATABASE, request.getfixturevalue("postgresql_url"))
    environment = {k: v for k, v in os.environ.items() if not k.startswith(NOT_PASSED_ON)}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    environment |= {"BENCH_BROKER_URL": f"{redis_url}/0"}
    done = run_script(text, tmp_path, environment)
    assert done.returncode == 0, f"{page.name}:\n{done.stdout}\n{done.stderr}"


def run_script(text: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess:
    """Run a script in a session of its own, so that nothing of it outlives the test."""
    with subprocess.Popen(
        ["bash", "-c", text],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=170)
        finally:
            end_session(process.pid)
    return subprocess.CompletedProcess(text, process.returncode, output, "")


def end_session(leader: int) -> None:
    """Kill whatever is left of a process group."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.mark.parametrize("page", pages(), ids=page_id)
def test_blocks_that_are_shown_only_are_set_up(page: Path) -> None:
    """A `sh` block, which no test runs, holds only what can't be run in a test."""
    lines = [
        line
        for block in blocks(page)
        if block.language == "sh"
        for line in block.text.splitlines()
        if line.strip()
    ]
    assert [line for line in lines if not SHOWN_ONLY.match(line)] == []


@pytest.mark.parametrize("page", pages(), ids=page_id)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file that exists."""
    links = re.findall(r"\]\((?!https?://)([^)#]+)(?:#[^)]*)?\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
