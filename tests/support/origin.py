"""The origin behind the caches of the tests: a small real database that counts its loads."""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any


class SqliteOrigin:
    """A table of JSON documents by key, read anew on every load.

    Args:
        path: The file of the database; made where it is missing.
        documents: What lies in it.
    """

    def __init__(self, path: Path, documents: Mapping[str, Any]) -> None:
        self._path = path
        self.loads: Counter[str] = Counter()
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("CREATE TABLE IF NOT EXISTS documents (key TEXT PRIMARY KEY, body)")
            connection.executemany(
                "INSERT OR REPLACE INTO documents VALUES (?, ?)",
                [(key, json.dumps(document)) for key, document in documents.items()],
            )

    async def get(self, key: str) -> Any:
        """Load the document under the key; None where there is none."""
        self.loads[key] += 1
        with closing(sqlite3.connect(self._path)) as connection:
            row = connection.execute("SELECT body FROM documents WHERE key = ?", [key]).fetchone()
        return json.loads(row[0]) if row else None
