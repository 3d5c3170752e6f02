"""What a check has found as people read it: a sentence, and the operations that prove it."""

from collections.abc import Mapping
from typing import Any

_VERBS = {
    "write": "wrote",
    "delete": "deleted",
    "clear": "cleared",
    "read": "read",
    "load": "loaded",
}


def describe(finding: Mapping[str, Any]) -> list[str]:
    """A finding as a line, and one for each operation of its example, in their order.

    Args:
        finding: Of a report's `findings`, or the fields of `results.attempt_result.Finding`.
    """
    count = finding["count"]
    times = "" if count == 1 else f" ({count:,} times; this is the first)"
    phase = f" in {finding['phase']}" if finding["phase"] else ""
    head = f"{finding['kind'].replace('_', ' ')}{phase}: {finding['text']}{times}"
    return [head, *map(_operation, finding["example"])]


def _operation(operation: Mapping[str, Any]) -> str:
    ended_s = operation["ended_s"]
    until = "s, never answered" if ended_s is None else f"to {ended_s:.6f} s"
    who = f"worker {operation['worker'] + 1}"
    return f"{operation['began_s']:.6f} {until}: {who} {_did(operation)}"


def _did(operation: Mapping[str, Any]) -> str:
    key, value = operation["key"], operation["value"]
    verb = _VERBS.get(operation["operation"], operation["operation"])
    if key is None:
        return f"{verb} everything"
    if operation["operation"] == "delete":
        return f"{verb} {key}"
    what = "nothing" if value is None else f"revision {value}" if isinstance(value, int) else value
    return f"{verb} {what} of {key}"
