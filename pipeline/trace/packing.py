"""How trace files are compressed, told by the last part of their names: .gz, .xz, .zst."""

import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator

import zstandard

from pipeline.errors import TraceFormatError

MAX_CONTENT_BYTES = 1 << 30

# Four bytes can stand for 128 KiB of a zstd frame, so little is handed over at once.
_ZSTD_STEP_BYTES = 4 << 10
_ZSTD_LEVEL = 10

_PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda content: gzip.compress(content, mtime=0),
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress,
}


def split_name(name: str) -> tuple[str, str]:
    """A file's name without the part that tells how it is packed, and that part; empty if none."""
    stem, _, suffix = name.rpartition(".")
    return (stem, suffix) if suffix in _PACKERS else (name, "")


def unpack(content: bytes, name: str) -> bytes:
    """The bytes that a file of this name holds, decompressed.

    Args:
        content: The file's own bytes.
        name: Its name.

    Raises:
        TraceFormatError: They are not packed so, end early, or hold more than 1 GiB.
    """
    _, suffix = split_name(name)
    try:
        plain = _unpack(content, suffix)
    except (lzma.LZMAError, zlib.error, zstandard.ZstdError, EOFError, OSError) as error:
        told = " ".join(str(error).split())
        raise TraceFormatError(f"{name}: not readable as .{suffix}: {told}") from None
    if len(plain) > MAX_CONTENT_BYTES:
        raise TraceFormatError(f"{name}: expected at most 1 GiB once decompressed")
    return plain


def pack(content: bytes, name: str) -> bytes:
    """The bytes of a file of this name that holds `content`."""
    _, suffix = split_name(name)
    return _PACKERS[suffix](content) if suffix else content


def _unpack(content: bytes, suffix: str) -> bytes:
    if suffix == "xz":
        with lzma.LZMAFile(io.BytesIO(content)) as file:
            return file.read(MAX_CONTENT_BYTES + 1)
    if suffix == "gz":
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            return file.read(MAX_CONTENT_BYTES + 1)
    return _unzstd(content) if suffix == "zst" else content


def _unzstd(content: bytes) -> bytes:
    plain = bytearray()
    for piece in _unzstd_pieces(content):
        plain += piece
        if len(plain) > MAX_CONTENT_BYTES:
            break
    return bytes(plain)


def _unzstd_pieces(content: bytes) -> Iterator[bytes]:
    """One frame after the other; zstandard's own reader takes one that ends early as whole."""
    frame = zstandard.ZstdDecompressor().decompressobj()
    for start in range(0, len(content), _ZSTD_STEP_BYTES):
        rest = content[start : start + _ZSTD_STEP_BYTES]
        while rest:
            if frame.eof:
                frame = zstandard.ZstdDecompressor().decompressobj()
            yield frame.decompress(rest)
            rest = frame.unused_data if frame.eof else b""
    if not frame.eof:
        raise EOFError("the file ends before its end was reached")
