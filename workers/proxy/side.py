"""One socket of a proxied connection: fills one lane, drains the other."""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

from workers.proxy.lane import Lane

# One for all sockets, since bytes are taken before the next are read; the quarter of a MiB that
# asyncio would ask the system for, for each read, takes longer than all the rest of a short one.
_BUFFER = memoryview(bytearray(65_536))
_NO_LINGER = struct.pack("ii", 1, 0)


class Side(asyncio.BufferedProtocol):
    """One socket: what it reads goes into its lane, and its lane waits where it can't write.

    `incoming` takes what is read; `outgoing` hands on what is to be written.

    Args:
        made: Called once it is open.
        lost: Called once it is gone.
    """

    incoming: Lane
    outgoing: Lane

    def __init__(self, made: Callable[[], None], lost: Callable[[], None]) -> None:
        self.transport: asyncio.Transport | None = None
        self.is_gone = False
        self._made, self._lost = made, lost
        self._has_read_all = False
        self._has_written_all = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        if isinstance(transport, asyncio.Transport):
            self.transport = transport
        self._made()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - as much as there is room
        """Where the next bytes are read to."""
        return _BUFFER

    def buffer_updated(self, size_bytes: int) -> None:
        """Take the bytes that were read."""
        self.incoming.feed(bytes(_BUFFER[:size_bytes]))

    def eof_received(self) -> bool:
        """Pass on that nothing more will come; the other direction may go on."""
        if not self._has_read_all:
            self._has_read_all = True
            self.incoming.end(reset=False)
            self._close_when_done()
        return True

    def connection_lost(self, error: Exception | None) -> None:
        """Pass on the end, as a reset where it was one."""
        self.is_gone = True
        if error is not None or not self._has_read_all:
            self._has_read_all = True
            self.incoming.end(reset=error is not None)
        self.outgoing.stop()
        self._lost()

    def pause_writing(self) -> None:
        """Its peer reads too slowly."""
        self.outgoing.sink_is_full(full=True)

    def resume_writing(self) -> None:
        """Its peer has caught up."""
        self.outgoing.sink_is_full(full=False)

    def pause_reading(self) -> None:
        """Read no more for now."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    def finish(self, reset: bool) -> None:  # noqa: FBT001 - the shape of a callback
        """Tell its peer that nothing more will come."""
        if reset:
            self.abort(reset=True)
        elif self.transport is not None and not self.transport.is_closing():
            self._has_written_all = True
            with suppress(OSError):  # The peer may be gone by now.
                self.transport.write_eof()
            self._close_when_done()

    def close(self) -> None:
        """Close it once all that was written has left."""
        if self.transport is not None:
            self.transport.close()

    def abort(self, *, reset: bool) -> None:
        """Close it at once.

        Args:
            reset: By a RST; else by a FIN, as the system does for a process that dies.
        """
        if self.transport is None:
            return
        raw = self.transport.get_extra_info("socket")
        if reset and not self.transport.is_closing() and raw.family != socket.AF_UNIX:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()

    def _close_when_done(self) -> None:
        if self._has_read_all and self._has_written_all:
            self.close()
