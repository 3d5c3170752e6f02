"""Reads what the vocabulary's docstrings say about each key."""

import inspect
import re

_ARGUMENT = re.compile(r"    (\w+): (.*)")


def summary_of(part: type) -> str:
    """What a class's docstring says before its `Args`, a paragraph a line."""
    text = (inspect.getdoc(part) or "").partition("\nArgs:\n")[0]
    return "\n".join(_joined(paragraph) for paragraph in text.strip().split("\n\n"))


def keys_of(part: type) -> dict[str, str]:
    """What each key of a class means, by its own docstring and those of what it inherits from."""
    meanings: dict[str, str] = {}
    for each in reversed(part.__mro__[:-1]):
        meanings |= _arguments(inspect.getdoc(each) or "")
    return meanings


def _arguments(text: str) -> dict[str, str]:
    meanings: dict[str, str] = {}
    name = None
    for line in text.partition("\nArgs:\n")[2].splitlines():
        if not line.startswith("    "):
            break
        if found := _ARGUMENT.fullmatch(line):
            name = found[1]
            meanings[name] = found[2]
        elif name is not None:
            meanings[name] += f" {line.strip()}"
    return meanings


def _joined(paragraph: str) -> str:
    return " ".join(paragraph.split())
