"""The names of what one namespace keeps in Redis.

    <namespace>:<key>              a value or a tombstone; the tracked prefix
    lease~<namespace>:<key>        who may load it
    tag~<namespace>:<tag>          the keys under a tag, by the end of their lives
    floor~<namespace>              raised by each clear

``:`` and ``~`` are escaped in the namespace, so no namespace's names can be another's.
"""

import re
from typing import Final

_RESERVED: Final = re.compile(r"[%:~{}]")
_GLOB_SPECIAL: Final = re.compile(r"([*?\[\]\\^-])")


class Names:
    """The names of one namespace on a server of its own.

    Attributes:
        prefix: What the name of each value begins with.
        floor: The name of the floor.
        tags: What the name of each tag's set begins with.
        spans_slots: Whether no command may take several names, and a tag's set may lie on another
            node than its values.
    """

    spans_slots = False

    def __init__(self, namespace: str) -> None:
        self._space = _RESERVED.sub(_escaped, namespace)
        self.prefix = f"{self._space}:"
        self.tags = f"tag~{self.prefix}"
        self.floor = f"floor~{self._space}"

    def of(self, key: str) -> str:
        """Return the name of a key's value."""
        return self.prefix + key

    def key(self, name: bytes) -> str | None:
        """Return the key of a value's name, None where no key of ours can have it."""
        try:
            text = name.decode()
        except UnicodeDecodeError:
            return None
        return text[len(self.prefix) :] if text.startswith(self.prefix) else None

    def of_tag(self, tag: str) -> str:
        """Return the name of a tag's set."""
        return self.tags + tag

    def pattern(self, names: str) -> str:
        """Return the pattern of every name that begins with ``names``."""
        return _GLOB_SPECIAL.sub(r"\\\1", names) + "*"


class ClusterNames(Names):
    """The names of one namespace on a node of a cluster.

    A key in braces is what the cluster hashes, so a value and its lease share a slot.

    Args:
        namespace: The namespace.
        floor_mark: What makes the floor's name hash to a slot of the node.
    """

    spans_slots = True

    def __init__(self, namespace: str, floor_mark: str = "") -> None:
        super().__init__(namespace)
        self.floor = f"{self.floor}{{{floor_mark}}}"

    def of(self, key: str) -> str:
        """Return the name of a key's value."""
        return f"{self.prefix}{{{_hashable(key)}}}"

    def key(self, name: bytes) -> str | None:
        """Return the key of a value's name, None where no key of ours can have it."""
        text = super().key(name)
        if text is None or text[:1] != "{" or text[-1:] != "}":
            return None
        return text[2:-1] if text[1:2] == "%" else text[1:-1]

    def of_tag(self, tag: str) -> str:
        """Return the name of a tag's set."""
        return f"{self.tags}{{{_hashable(tag)}}}"


def _hashable(text: str) -> str:
    """Return ``text`` so that it can stand in braces: what they hold must not look empty."""
    return f"%{text}" if text[:1] in {"", "}", "%"} else text


def _escaped(character: re.Match[str]) -> str:
    return f"%{ord(character[0]):02X}"
