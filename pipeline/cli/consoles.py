"""Where commands print: tables as wide as the terminal or 100 columns, JSON as it is."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook
from rich.segment import Segment
from rich.table import Table

from pipeline.cli.harmless import harmless

_WIDTH = 100


class _Harmless(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """Each without control characters, but for those that the console itself makes."""
        return [_Plain(each) for each in renderables]


class _Plain:
    def __init__(self, inner: ConsoleRenderable) -> None:
        self._inner = inner

    def __rich_console__(self, to: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for text, style, control in to.render(self._inner, options):
            yield Segment(text if control else harmless(text), style, control)


def console(*, stderr: bool = False) -> Console:
    """A console on stdout or stderr; what is piped is 100 columns wide and without colours."""
    made = Console(stderr=stderr, highlight=False)
    made.push_render_hook(_Harmless())
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = _WIDTH
    return made


def new_table(title: str | None = None) -> Table:
    """An empty table in the one style that every command has."""
    return Table(
        title=title, box=SIMPLE_HEAD, show_edge=False, pad_edge=False, title_justify="left"
    )


def print_json(told: Mapping[str, Any]) -> None:
    """Print data on stdout for other programs to read."""
    sys.stdout.write(json.dumps(told, indent=2) + "\n")
