"""Shares as people write them."""

import pytest

from pipeline.cli.errors import UsageError
from pipeline.cli.percentages import parse_share


@pytest.mark.parametrize(
    ("text", "share"), [("5%", 0.05), ("0.05", 0.05), (" 0.5 % ", 0.005), ("99.9%", 0.999)]
)
def test_a_share(text: str, share: float) -> None:
    """Per cent or a plain share."""
    assert parse_share("--margin", text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["5", "0", "-5%", "100%", "five", "", "nan%", "5%%", "inf"])
def test_no_share(text: str) -> None:
    """5 could be 5 % or five times: it has to be said."""
    with pytest.raises(UsageError, match=r"expected a share such as 5% or 0\.05"):
        parse_share("--margin", text)
