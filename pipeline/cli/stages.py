"""Says on stderr what a command is busy with, once it takes longer than people like to wait."""

from threading import Lock, Timer
from types import TracebackType
from typing import Self

from pipeline.cli.errors import say

PATIENCE_S = 2.0


class Stages:
    """What is done one after the other; nothing is said where all of it is quick.

    Args:
        patience_s: Seconds after which the stage in hand is named, and each one after it.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._timer = Timer(patience_s, self._lose_patience)
        self._timer.daemon = True
        self._lock = Lock()
        self._stage: str | None = None
        self._talks = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()

    def begin(self, stage: str) -> None:
        """Go on to the next stage.

        Args:
            stage: What is done now, in a few words.
        """
        with self._lock:
            self._stage = stage
            if self._talks:
                say(f"{stage} ...")

    def _lose_patience(self) -> None:
        with self._lock:
            self._talks = True
            if self._stage is not None:
                say(f"{self._stage} ...")
