"""What a command says of itself while it is busy."""

import pytest

from pipeline.cli.stages import Stages


def test_a_quick_command_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """And waits for nothing."""
    with Stages() as stages:
        stages.begin("reading")
    stages._timer.join(20)
    assert not stages._timer.is_alive()
    assert capsys.readouterr().err == ""


def test_a_slow_stage_is_named_and_each_one_after_it(capsys: pytest.CaptureFixture[str]) -> None:
    """From when patience is lost."""
    with Stages() as stages:
        stages.begin("reading")
        stages._lose_patience()
        stages.begin("counting")
    assert capsys.readouterr().err == "bench: reading ...\nbench: counting ...\n"
