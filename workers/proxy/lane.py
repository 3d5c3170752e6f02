r"""One direction of one connection: what comes in leaves in the same order, perhaps later.

      source socket -- feed() --> [ held ] -- _release() --> sink socket
                         \                                 /
                          `------ nothing in the way ------'

The picture is toxiproxy's `link.go`: a pump for each direction, whose rules may change while bytes
are on their way. TCP's promises are kept: no byte is lost, doubled or overtaken except by the end
of its connection.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from workers.proxy.conditions import CLEAR, Way

# About what the buffers of two sockets hold; then the sender is made to wait, as by a full window.
HELD_BYTES = 1_048_576
# A slow line hands on what came in this time, at least a byte.
_PIECE_S = 0.01


@dataclass(slots=True)
class _Held:
    """Bytes that wait for their moment; without bytes it is the end of the stream."""

    due_s: float
    data: memoryview
    reset: bool = False


class Lane:
    """Carries bytes one way.

    Args:
        way: What is done to them at first.
        draw: Draws jitter.
        pause: Makes the source wait.
        resume: Lets it go on.
        cut: Cuts the connection, after what was handed on has left.
    """

    def __init__(
        self,
        way: Way,
        draw: Random,
        *,
        pause: Callable[[], None],
        resume: Callable[[], None],
        cut: Callable[[], None],
    ) -> None:
        self.passed_bytes = 0
        self._way = way
        self._draw = draw
        self._pause, self._resume, self._cut = pause, resume, cut
        self._loop = asyncio.get_running_loop()
        self._sink: asyncio.Transport | None = None
        self._finish: Callable[[bool], None] = _ignore
        self._held: deque[_Held] = deque()
        self._held_bytes = 0
        self._last_due_s = 0.0
        self._free_s = 0.0
        self._arrives_s: float | None = None
        self._until_cut = way.cut_after_bytes
        self._full = False
        self._paused = False
        self._timer: asyncio.TimerHandle | None = None
        self._open = False
        self._stopped = False

    def lead(self, sink: asyncio.Transport, finish: Callable[[bool], None]) -> None:
        """Hand on to a socket from now on.

        Args:
            sink: The socket.
            finish: Called at the stream's end with whether that was a reset.
        """
        self._sink, self._finish = sink, finish
        self._release()

    def heed(self, way: Way) -> None:
        """Act by other conditions from now on, also on what is held."""
        if way.cut_after_bytes != self._way.cut_after_bytes:
            self._until_cut = way.cut_after_bytes
        if not way.delay_s:
            self._last_due_s = 0.0
            for held in self._held:
                held.due_s = 0.0
        self._way = way
        self._arrives_s = None
        self._release()

    def feed(self, data: bytes) -> None:
        """Take what the source sent."""
        if self._open and self._sink is not None:
            self.passed_bytes += len(data)
            self._sink.write(data)
        elif self._way.reset:
            self._cut()
        else:
            self._hold(_Held(self._due_s(), memoryview(data)))

    def end(self, *, reset: bool) -> None:
        """Take the stream's end, which travels behind its bytes."""
        self._hold(_Held(self._due_s(), memoryview(b""), reset))

    def sink_is_full(self, *, full: bool) -> None:
        """Wait while the sink takes no more."""
        self._full = full
        self._release()

    def stop(self) -> None:
        """Drop everything, also what will come; nothing is handed on any more."""
        self._stopped = True
        self._held.clear()
        self._sink = None
        self._open = False
        self._disarm()

    def _due_s(self) -> float:
        if not self._way.delay_s:
            return self._last_due_s
        late_s = self._way.delay_s + self._draw.uniform(-self._way.jitter_s, self._way.jitter_s)
        self._last_due_s = max(self._last_due_s, self._loop.time() + late_s)
        return self._last_due_s

    def _hold(self, held: _Held) -> None:
        if self._stopped:
            return
        self._open = False
        self._held.append(held)
        self._held_bytes += len(held.data)
        self._release()

    def _release(self) -> None:
        """Hand on what may go now, and come back when more may."""
        self._disarm()
        while self._held and not self._full and not self._way.silent and self._sink is not None:
            wait_until_s = self._next_s()
            if wait_until_s > self._loop.time():
                self._timer = self._loop.call_at(wait_until_s, self._release)
                break
            self._hand_on()
        self._open = not self._held and not self._full and self._way == CLEAR
        self._keep_back_pressure()

    def _next_s(self) -> float:
        """When the first of what is held has arrived at the far end of a slow line."""
        due_s = self._held[0].due_s
        if self._way.bytes_per_s is None or due_s > self._loop.time():
            return due_s
        if self._arrives_s is None:
            begin_s = max(self._loop.time(), self._free_s)
            self._arrives_s = begin_s + len(self._piece()) / self._way.bytes_per_s
        return self._arrives_s

    def _piece(self) -> memoryview:
        data = self._held[0].data
        if self._way.bytes_per_s is None:
            return data
        return data[: max(1, int(self._way.bytes_per_s * _PIECE_S))]

    def _hand_on(self) -> None:
        first, piece = self._held[0], self._piece()
        if self._arrives_s is not None:
            self._free_s, self._arrives_s = self._arrives_s, None
        first.data = first.data[len(piece) :]
        self._held_bytes -= len(piece)
        if not first.data:
            self._held.popleft()
        if piece:
            self._write(piece)
        else:
            self._finish(first.reset)

    def _write(self, piece: memoryview) -> None:
        if self._sink is None:
            return
        goes_too_far = self._until_cut is not None and len(piece) > self._until_cut
        if self._until_cut is not None:
            piece = piece[: self._until_cut]
            self._until_cut -= len(piece)
        self.passed_bytes += len(piece)
        self._sink.write(piece)
        if goes_too_far:
            self.stop()
            self._cut()

    def _keep_back_pressure(self) -> None:
        if not self._paused and self._held_bytes > HELD_BYTES:
            self._paused = True
            self._pause()
        elif self._paused and self._held_bytes <= HELD_BYTES // 2:
            self._paused = False
            self._resume()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _ignore(reset: bool) -> None:  # noqa: FBT001 - the shape of a callback
    """Nobody has to be told."""
