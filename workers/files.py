"""Files that a job needs: known by their SHA-256, fetched once, and never used unverified."""

from collections.abc import Callable
from hashlib import sha256

from pipeline.load import TraceLoad
from pipeline.scenario import Scenario
from results.records import StoredFile
from workers.errors import FileMismatchError

FileSource = Callable[[str], StoredFile]


def fetch_files(scenario: Scenario, source: FileSource) -> dict[str, StoredFile]:
    """Every file that a scenario names, by its SHA-256.

    Args:
        scenario: Names files by their SHA-256.
        source: Where they are stored.

    Raises:
        FileMismatchError: A file's bytes are not those that were asked for.
    """
    named = {phase.load.trace for phase in scenario.phases if isinstance(phase.load, TraceLoad)}
    return {digest: _verified(digest, source(digest)) for digest in named if digest is not None}


def _verified(digest: str, file: StoredFile) -> StoredFile:
    actual = sha256(file.content).hexdigest()
    if actual != digest:
        raise FileMismatchError(
            f"file {file.name}: expected SHA-256 {digest}, its bytes have {actual}"
        )
    return file
