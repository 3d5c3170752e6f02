"""The ledger of a shard: others write the same keys, and nobody tells it when.

A revision says which shard wrote it, so that no two shards make the same value. What this shard
wrote is held against its own history as strictly as ever. Of a value of another shard only the
form can be checked: whether it is one that this shard could have written. How old it was is found
where the shards' histories are put together (`workers.checker`).
"""

from typing import Any

from workers.group import Gathering
from workers.ledger import Ledger
from workers.values import Values
from workers.written import Write


class SharedLedger(Ledger):
    """The histories of one shard's own writes.

    The value that a key has before anybody writes it is every shard's: where a key was removed,
    any shard's origin may bring it back at any time.

    Args:
        values: Makes the value of a key's revision.
        group: The shard's place among the others.
        nones: Whether any shard's origin may answer None, which is then left to the checker.
    """

    def __init__(self, values: Values, group: Gathering, *, nones: bool = False) -> None:
        super().__init__(values)
        self._nones = nones
        self._shard, self._shards = group.shard, group.shards
        self._accepted: dict[str, Any] = {}

    def _revision(self, position: int) -> int:
        return position * self._shards + self._shard if position else 0

    def _position(self, revision: int) -> int | None:
        position, shard = divmod(revision, self._shards)
        return position if position and shard == self._shard else None

    def _written_at(self, key: str, value: Any, writes: list[Write]) -> int | None:
        if key in self._accepted and self._accepted[key] == value:
            return None
        return super()._written_at(key, value, writes)

    def _searched(self, key: str, value: Any, writes: list[Write]) -> int | None:
        return super()._searched(key, value, writes) or None

    def _check_unknown(self, key: str, value: Any, began_ns: int) -> None:
        if value is None and self._nones:
            return
        if key in self._accepted and self._accepted[key] == value:
            return
        if self._is_foreign(key, value):
            self._accepted[key] = value
        else:
            super()._check_unknown(key, value, began_ns)

    def _is_foreign(self, key: str, value: Any) -> bool:
        revision = self.revision_of(key, value)
        if revision is None:
            return self._looks_like(key, value)
        position, shard = divmod(revision, self._shards)
        others = revision == 0 or (position > 0 and shard != self._shard)
        return others and bool(self._value(key, revision) == value)

    def _looks_like(self, key: str, value: Any) -> bool:
        """Whether a value that is too small to tell its revision is as long as the key's are."""
        base = self._value(key, 0)
        tells = self.revision_of(key, base) is not None
        return not tells and isinstance(value, str) and len(value) == len(base)
