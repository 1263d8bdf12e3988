"""Token shards: a source's documents as one long row of token ids, in files that OLMo-core reads."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt

from hormesis.corpus.tokenizer import load_tokenizer, tokenizer_hash
from hormesis.errors import HormesisError
from hormesis.files import file_hash
from hormesis.reprs import short_repr

MANIFEST = "manifest.json"
FORMAT = 1

Tokens = npt.NDArray[np.uint16] | npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]


@short_repr
@dataclass(frozen=True)
class TokenShards:
    """A tokenised source: a folder with ``manifest.json`` and raw little-endian arrays of token ids.

    Every document is followed by the end-of-text token, and no document is cut by the end of a shard. The
    shards, one after the other, are *the tokens*; row ``i`` of length ``s`` is tokens ``i·s … (i+1)·s − 1``,
    and what does not fill a row is left over (concat-and-chunk; OLMo-core's ``ConcatAndChunkInstanceSource``
    over all shards as one ``NumpyDocumentSource`` gives the same rows). A shard of which parts carry no loss has a
    mask beside it, a byte a token: 1 where the token is learned, 0 where it is only read.
    """

    folder: Path
    name: str
    """The name of the source: it keys the permutation of its rows."""
    documents: int
    tokens: int
    """End-of-text tokens included."""
    text_bytes: int
    """UTF-8 bytes of the documents, for bits a byte."""
    tokenizer_hash: str
    vocabulary: int
    end_of_text: int
    """The id of the token that ends a document."""
    dtype: str
    """``uint16``, or ``uint32`` for vocabularies above 65,536."""
    shards: tuple[tuple[str, int], ...]
    """File name and number of tokens of each shard."""
    fingerprint: str
    """SHA-256 over the content: shard hashes, dtype and tokenizer hash; and mask hashes, where there are masks."""
    masks: tuple[str | None, ...] = ()
    """The mask's file name of each shard, None where all of it is learned; empty where no shard has one."""
    unlearned: int = 0
    """Tokens that carry no loss."""

    @classmethod
    def open(cls, folder: Path, verify: bool = True) -> TokenShards:
        """Open the folder that :func:`~hormesis.corpus.tokenization.tokenize` wrote.

        :param verify: hash every shard and compare with the manifest (reads all of it); sizes are checked
            always.
        :raises HormesisError: the folder or its manifest is missing or broken, or a shard is missing or has
            changed.
        """
        again = f"delete {folder} and tokenise the source again"
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if manifest["format"] != FORMAT:
                raise ValueError(f"format {manifest['format']}, not {FORMAT}")
            entries = [(str(e["file"]), int(e["tokens"]), str(e["sha256"])) for e in manifest["shards"]]
            masks = [(e.get("mask"), int(e["tokens"]), e.get("mask_sha256")) for e in manifest["shards"]]
            shards = cls(
                folder=folder,
                name=manifest["name"],
                documents=manifest["documents"],
                tokens=manifest["tokens"],
                text_bytes=manifest["text_bytes"],
                tokenizer_hash=manifest["tokenizer_hash"],
                vocabulary=manifest["vocabulary"],
                end_of_text=manifest["end_of_text"],
                dtype=manifest["dtype"],
                shards=tuple((file, tokens) for file, tokens, _ in entries),
                fingerprint=manifest["fingerprint"],
                masks=tuple(file for file, _, _ in masks) if manifest.get("unlearned") else (),
                unlearned=manifest.get("unlearned", 0),
            )
        except FileNotFoundError:
            raise HormesisError(
                f"{folder} holds no token shards (no {MANIFEST})", "tokenise the source first"
            ) from None
        except (ValueError, KeyError, TypeError) as error:
            raise HormesisError(f"{folder / MANIFEST} is not a manifest: {error!r}", again) from error
        width = np.dtype(shards.dtype).itemsize
        files = [(file, tokens * width, digest) for file, tokens, digest in entries]
        files += [(file, tokens, digest) for file, tokens, digest in masks if file is not None]
        for file, size, digest in files:
            path = folder / file
            if not path.is_file():
                raise HormesisError(f"the shard {path} is missing", again)
            if path.stat().st_size != size:
                raise HormesisError(f"the shard {path} has {path.stat().st_size} bytes, not {size}", again)
            if verify and file_hash(path) != digest:
                raise HormesisError(f"the shard {path} is corrupted: its SHA-256 is not the manifest's", again)
        return shards

    @property
    def paths(self) -> tuple[Path, ...]:
        """The shard files, in order."""
        return tuple(self.folder / file for file, _ in self.shards)

    @cached_property
    def _arrays(self) -> tuple[Tokens, ...]:
        return tuple(np.memmap(path, mode="r", dtype=self.dtype) for path in self.paths)

    @cached_property
    def _masks(self) -> tuple[npt.NDArray[np.uint8] | None, ...]:
        return tuple(
            None if file is None else np.memmap(self.folder / file, mode="r", dtype=np.uint8) for file in self.masks
        )

    @cached_property
    def _starts(self) -> npt.NDArray[np.int64]:
        return np.cumsum([0, *(tokens for _, tokens in self.shards)], dtype=np.int64)

    def rows(self, sequence_length: int) -> int:
        """How many whole rows of ``sequence_length`` tokens there are."""
        return self.tokens // sequence_length

    def row(self, index: int, sequence_length: int) -> Tokens:
        """Row ``index``: an array of ``sequence_length`` token ids (a view of the file unless it spans two
        shards).

        :raises IndexError: there is no such row.
        """
        if not 0 <= index < self.rows(sequence_length):
            raise IndexError(f"row {index} of {self.rows(sequence_length)} of {self.name}")
        return self.slice(index * sequence_length, (index + 1) * sequence_length)

    def slice(self, start: int, end: int) -> Tokens:
        """The tokens from ``start`` to ``end`` (exclusive), counted over all shards."""
        parts = [self._arrays[shard][inside] for shard, inside in self._places(start, end)]
        return cast(Tokens, np.asarray(parts[0]) if len(parts) == 1 else np.concatenate(parts))

    def learned_row(self, index: int, sequence_length: int) -> Mask:
        """Which tokens of row ``index`` carry loss: bool [sequence_length]."""
        learned = np.ones(sequence_length, dtype=bool)
        written = 0
        for shard, inside in self._places(index * sequence_length, (index + 1) * sequence_length):
            count = inside.stop - inside.start
            mask = self._masks[shard] if self.masks else None
            if mask is not None:
                learned[written : written + count] = mask[inside]
            written += count
        return learned

    def _places(self, start: int, end: int) -> Iterator[tuple[int, builtins.slice]]:
        """Where the tokens from ``start`` to ``end`` lie: shards, and what to take of each."""
        shard = int(np.searchsorted(self._starts, start, side="right")) - 1
        while start < end:
            first = start - int(self._starts[shard])
            count = min(end - start, self.shards[shard][1] - first)
            yield shard, builtins.slice(first, first + count)
            start += count
            shard += 1

    def check_tokenizer(self, folder: Path | str) -> None:
        """Check that a tokenizer is the one that made these tokens.

        :raises HormesisError: it is not.
        """
        other = tokenizer_hash(load_tokenizer(folder))
        if other != self.tokenizer_hash:
            raise HormesisError(
                f"the tokenizer in {folder} ({other[:12]}) did not make the shards in {self.folder}"
                f" ({self.tokenizer_hash[:12]})",
                "use the tokenizer that made the shards, or tokenise the source again with this one",
            )
