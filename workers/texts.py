r"""Texts of a given size that say which key and revision they are, cut from one block a seed.

    simple:17#3#read price tier ...
    \___ ______/\______ _________
        V              V
    key, revision   a piece of the block from a place that both choose

The block is made once, so a large value costs no more than copying it.
"""

import random
from base64 import b64encode, urlsafe_b64encode
from functools import cached_property
from hashlib import blake2b

_RANDOM_BYTES = 4 << 20
_WORDS_BYTES = 256 << 10
_MOST_DIGITS = 18
_WORDS = (
    "the", "of", "and", "to", "in", "is", "that", "for", "on", "with", "as", "was", "by", "cache",
    "tier", "value", "key", "read", "write", "user", "order", "price", "item", "page", "time",
    "state", "list", "name", "note", "total", "count", "first", "last", "next", "open", "closed",
)  # fmt: skip


class Texts:
    """The texts of one seed.

    Args:
        seed: Any integer.
        compressible: Whether they are words, of which any compressor makes a fraction, or base64
            of random bytes, which has 6 bits to a byte and no repetition within 4 MiB.
    """

    def __init__(self, seed: int, *, compressible: bool) -> None:
        self._seed = seed
        self._compressible = compressible

    def prepare(self) -> None:
        """Make the block now, which takes milliseconds, rather than with the first text."""
        _ = self._block

    def text(self, key: str, revision: int, size_bytes: int | None) -> str:
        """A text of `key` at `revision`, in ASCII but for what the key itself holds.

        Args:
            key: The key.
            revision: From 0.
            size_bytes: Its length; None is the head alone. Where the head is longer than that, as
                many characters of a digest stand for it.
        """
        head = f"{key}#{revision}#"
        if size_bytes is None:
            return head
        left = size_bytes - len(head.encode())
        digest = blake2b(f"{self._seed}\0{head}".encode()).digest()
        if left < 0:
            return _cut(urlsafe_b64encode(digest).decode(), 0, size_bytes)
        start = int.from_bytes(digest[:4], "big") % len(self._block)
        return head + _cut(self._block, start, left)

    @cached_property
    def _block(self) -> str:
        return _words(self._seed) if self._compressible else _random(self._seed)


def _cut(block: str, start: int, length: int) -> str:
    piece = block[start : start + length]
    while len(piece) < length:
        piece += block[: length - len(piece)]
    return piece


def _words(seed: int) -> str:
    chosen = random.Random(seed).choices(_WORDS, k=_WORDS_BYTES // 5)
    return " ".join(chosen)


def _random(seed: int) -> str:
    return b64encode(random.Random(seed).randbytes(_RANDOM_BYTES // 4 * 3)).decode()


def revision_in(text: str, key: str) -> int | None:
    """The revision that a text of `key` names; None where it names none."""
    if text.startswith(f"{key}#"):
        digits = text[len(key) + 1 :].partition("#")[0]
    elif text.startswith(f"value of {key}, revision "):
        digits = text.removeprefix(f"value of {key}, revision ").partition(",")[0]
    else:
        return None
    # A longer number is no revision, but what is left of a damaged text.
    return int(digits) if digits.isdecimal() and len(digits) <= _MOST_DIGITS else None
