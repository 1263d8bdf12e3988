"""Writing token shards: raw arrays of token ids and, where some carry no loss, a mask beside them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from hormesis.corpus.shards import Tokens
from hormesis.files import Json

Learned = npt.NDArray[np.bool_]
"""One value a token: whether it carries loss."""

_FILL_TOKENS = 1 << 20


@dataclass(frozen=True)
class ShardEntry:
    """One shard as its manifest names it. ``mask`` is absent where every token carries loss."""

    file: str
    tokens: int
    sha256: str
    mask: str | None
    mask_sha256: str | None

    def as_json(self) -> dict[str, Json]:
        entry: dict[str, Json] = {"file": self.file, "tokens": self.tokens, "sha256": self.sha256}
        if self.mask is not None:
            entry |= {"mask": self.mask, "mask_sha256": self.mask_sha256}
        return entry


class _RawFile:
    """Bytes appended to a file, and their hash."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._file: BinaryIO = path.open("wb")
        self._digest = sha256()

    def append(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)

    def close(self) -> str:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._digest.hexdigest()


class ShardWriter:
    """Writes ``tokens-00000.npy``, …; closes a shard at the end of the document that fills it.

    ``mask-00000.npy`` (a byte a token, 0 where it carries no loss) begins with the first such token of its shard, so
    that a corpus that is learned whole has no masks.
    """

    def __init__(self, folder: Path, shard_tokens: int) -> None:
        self.shards: list[ShardEntry] = []
        self.unlearned = 0
        """Tokens written so far that carry no loss."""
        self._folder = folder
        self._shard_tokens = shard_tokens
        self._tokens: _RawFile | None = None
        self._mask: _RawFile | None = None
        self._count = 0

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def write(self, tokens: Tokens, ends: npt.NDArray[np.int64], learned: Learned | None = None) -> None:
        """Append whole documents.

        :param ends: where each document ends in ``tokens``, exclusive.
        :param learned: [tokens]; None where all carry loss.
        """
        start = 0
        while start < len(tokens):
            # The first document that ends at or beyond the shard's size; all that is left if none does.
            last = int(np.searchsorted(ends, start + self._shard_tokens - self._count))
            end = int(ends[min(last, len(ends) - 1)])
            self._append(tokens[start:end], None if learned is None else learned[start:end])
            if self._count >= self._shard_tokens:
                self._close()
            start = end

    def _append(self, tokens: Tokens, learned: Learned | None) -> None:
        if self._tokens is None:
            self._tokens = _RawFile(self._folder / f"tokens-{len(self.shards):05d}.npy")
        self._tokens.append(tokens.tobytes())
        unlearned = 0 if learned is None else int((~learned).sum())
        if unlearned and self._mask is None:
            self._mask = _RawFile(self._folder / f"mask-{len(self.shards):05d}.npy")
            for start in range(0, self._count, _FILL_TOKENS):  # what came before was learned; a piece at a time
                self._mask.append(b"\1" * min(_FILL_TOKENS, self._count - start))
        if self._mask is not None:
            self._mask.append(b"\1" * len(tokens) if learned is None else learned.astype(np.uint8).tobytes())
        self._count += len(tokens)
        self.unlearned += unlearned

    def _close(self) -> None:
        if self._tokens is None:
            return
        digest = self._tokens.close()
        mask, mask_digest = (None, None) if self._mask is None else (self._mask.name, self._mask.close())
        self.shards.append(ShardEntry(self._tokens.name, self._count, digest, mask, mask_digest))
        self._tokens, self._mask, self._count = None, None, 0
