"""Reads the runnable blocks of a page of documentation.

A page's blocks run in their order in one empty folder. The word after three backticks says what
a block is: `console` (lines after `$ ` are commands, the others their output), `python` (a whole
program), `python NAME` and `toml NAME` (a file of that name). A `sh` block is shown only.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w+)?[ ]*([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN_ONLY = re.compile(r"^(make|git clone|cd|pip install|docker|sudo|#|PYTHON=)")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, the rest of its first line, and its text."""

    language: str
    title: str
    text: str

    @property
    def commands(self) -> list[str]:
        """The commands of a `console` block, continuation lines joined."""
        joined = self.text.replace("\\\n> ", "").replace("\\\n", "")
        return [line[2:] for line in joined.splitlines() if line.startswith("$ ")]


def pages() -> list[Path]:
    """README and every page under docs."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of `page`, in order."""
    return [
        Block(language or "", title.strip(), text)
        for language, title, text in FENCE.findall(page.read_text())
    ]


def runnable(page: Path) -> list[Block]:
    """The blocks of `page` that a test runs."""
    return [block for block in blocks(page) if block.language in {"console", "python", "toml"}]
