"""The folder of one attempt: what its own servers and faults put on the disk lies in there."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "attempt-"


@contextmanager
def attempt_folder(parent: Path | None) -> Iterator[Path]:
    """Make a folder for the length of the block.

    Args:
        parent: The slot's folder, with which it goes where the worker is killed; that of the
            system's temporary files where None.
    """
    path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
