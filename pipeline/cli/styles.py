"""Verdicts and other outcomes in their colours."""

from rich.text import Text

_STYLES = {
    "pass": "green",
    "fail": "bold red",
    "unknown": "yellow",
    "error": "bold red",
    "invalid": "yellow",
}


def styled(outcome: str) -> Text:
    """An outcome in its colour."""
    return Text(outcome, style=_STYLES.get(outcome, ""))
