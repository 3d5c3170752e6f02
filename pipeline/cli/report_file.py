"""Writes a report where the user wants it, whole or not at all."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.cli.errors import UsageError
from pipeline.cli.whole_file import replacing

DEFAULT_FOLDER = Path(".bench")
DEFAULT_REPORT = DEFAULT_FOLDER / "report.json"


def prepare(path: Path) -> None:
    """Make sure that a report can be written, before a run spends time; nothing is left behind.

    Raises:
        UsageError: `path` is a folder.
        OSError: The folder can't be made or written to.
    """
    if path.is_dir():
        raise UsageError(f"--report-file {path}: is a folder; name a file in it")
    is_new = not path.parent.exists()
    probe = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        probe.touch()
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    probe.unlink()
    if is_new:
        path.parent.rmdir()


def write_text(path: Path, text: str) -> None:
    """Replace the file by `text`; a reader sees the old or the new one, never a part."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(path: Path, report: Mapping[str, Any]) -> None:
    """Write a report as JSON for people to read: two spaces, keys in the report's order."""
    write_text(path, json.dumps(report, indent=2) + "\n")
