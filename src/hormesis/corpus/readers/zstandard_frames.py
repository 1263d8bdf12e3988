"""A file packed by Zstandard, read as bytes, whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import zstandard

if TYPE_CHECKING:
    from typing_extensions import Buffer

_PACKED = 1 << 16
"""Bytes unpacked at a time."""


class ZstandardFrames(io.RawIOBase):
    """All frames of ``file``, one after the other.

    The library's own stream ends in silence where a file was cut at the end of a block; this one asks each frame
    whether it ended.

    :raises EOFError: on reading, where the file ends within a frame.
    :raises zstandard.ZstdError: on reading what is no frame.
    """

    def __init__(self, file: Path) -> None:
        self._packed = file.open("rb")
        self._frames = zstandard.ZstdDecompressor(max_window_size=2**31)
        self._frame = self._frames.decompressobj()
        self._within = False
        self._unpacked = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """See :class:`io.RawIOBase`; 0 at the end."""
        while not self._unpacked:
            data = self._packed.read(_PACKED)
            if not data:
                if self._within:
                    raise EOFError("the file ended before the end of its Zstandard frame")
                return 0
            self._unpacked = memoryview(self._unpack(data))
        target = memoryview(buffer).cast("B")
        count = min(len(target), len(self._unpacked))
        target[:count] = self._unpacked[:count]
        self._unpacked = self._unpacked[count:]
        return count

    def _unpack(self, data: bytes) -> bytes:
        parts = []
        while data:
            parts.append(self._frame.decompress(data))
            self._within, data = not self._frame.eof, self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame = self._frames.decompressobj()
        return b"".join(parts)

    def close(self) -> None:
        """Close the file."""
        self._packed.close()
        super().close()
