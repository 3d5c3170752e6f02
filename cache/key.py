"""What a key may be."""

from collections.abc import Iterable

from cache.errors import InvalidKeyError


def check_key(key: object) -> None:
    """Raise ``InvalidKeyError`` unless ``key`` is a non-empty string that UTF-8 can hold."""
    if type(key) is str and key and key.isascii():
        return
    if not isinstance(key, str):
        raise InvalidKeyError(f"a key is a str, not {type(key).__name__}: {key!r:.80}")
    if not key:
        raise InvalidKeyError("a key is a non-empty str: this one is empty")
    try:
        key.encode()
    except UnicodeEncodeError:
        raise InvalidKeyError(f"key {key!r:.80} holds half a surrogate pair") from None


def checked_keys(keys: Iterable[str]) -> list[str]:
    """Return ``keys`` as a list, each of them checked."""
    checked = list(keys)
    for key in checked:
        check_key(key)
    return checked


def check_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return ``tags`` as a tuple without doubles.

    Raises:
        InvalidKeyError: A tag is not a non-empty string, or ``tags`` is one string.
    """
    if isinstance(tags, str):
        raise InvalidKeyError(f"tags are a list of str, not one: write tags=[{tags!r:.80}]")
    checked = tuple(dict.fromkeys(tags))
    for tag in checked:
        check_key(tag)
    return checked
