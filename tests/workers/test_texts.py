"""Texts of a given size: as long as asked, unlike each other, and as compressible as they say."""

import zlib

import pytest

from workers.texts import Texts, revision_in

MIB = 1 << 20


@pytest.mark.parametrize("compressible", [True, False])
@pytest.mark.parametrize("size_bytes", [0, 1, 4, 10, 12, 13, 100, 300_000, 9 * MIB])
def test_a_text_is_as_long_as_asked(*, compressible: bool, size_bytes: int) -> None:
    """Also where it is shorter than its head, or longer than the block that it is cut from."""
    text = Texts(3, compressible=compressible).text("simple:1", 2, size_bytes)
    assert len(text.encode()) == size_bytes


def test_a_key_that_is_longer_than_its_value_costs_nothing() -> None:
    """Twitter's cluster 26 has keys of 122 bytes."""
    key = "k" * 300
    assert len(Texts(3, compressible=True).text(key, 0, 250)) == 250


def test_bytes_count_not_characters() -> None:
    """A key may hold any character."""
    assert len(Texts(3, compressible=True).text("grüße", 0, 100).encode()) == 100


def test_one_compresses_and_the_other_does_not() -> None:
    """Words to a fraction, random base64 to its six bits of eight and no further."""
    words = Texts(3, compressible=True).text("simple:1", 0, MIB).encode()
    noise = Texts(3, compressible=False).text("simple:1", 0, MIB).encode()
    assert len(zlib.compress(words)) < 0.35 * MIB
    assert len(zlib.compress(noise)) > 0.74 * MIB


def test_texts_of_other_keys_and_revisions_differ_beyond_their_heads() -> None:
    """A cache that mixed the ends of two values up would be found out."""
    texts = Texts(3, compressible=True)
    tails = {texts.text(f"simple:{key}", revision, 200)[-100:]
             for key in range(10) for revision in range(10)}  # fmt: skip
    assert len(tails) == 100


def test_small_texts_differ_as_far_as_they_can() -> None:
    """Four bytes of base64 tell sixteen million texts apart."""
    texts = Texts(3, compressible=True)
    drawn = {texts.text("simple:1", revision, 4) for revision in range(200)}
    assert len(drawn) == 200


@pytest.mark.parametrize(
    ("text", "revision"),
    [
        ("simple:1#0#abc", 0),
        ("simple:1#17#", 17),
        ("value of simple:1, revision 3, 00ff", 3),
        ("simple:11#17#", None),
        ("simple:1x17#", None),
        ("simple:1#-1#", None),
        (f"simple:1#{'9' * 5_000}#", None),
        ("simple:1#", None),
        ("value of simple:12, revision 3, 00ff", None),
    ],
)
def test_a_revision_is_read_from_its_own_keys_text_alone(text: str, revision: int | None) -> None:
    """Another key's text says nothing about this one."""
    assert revision_in(text, "simple:1") == revision
