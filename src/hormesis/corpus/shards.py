"""Token shards: a source's documents as one long row of token ids, in files that OLMo-core reads."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from hormesis.corpus.documents import Document
from hormesis.corpus.tokenizer import load_tokenizer, tokenizer_hash
from hormesis.errors import HormesisError
from hormesis.files import content_hash, file_hash, write_folder, write_json

MANIFEST = "manifest.json"
SHARD_TOKENS = 2**27  # 256 MiB of uint16: few enough files, each still quick to copy and hash
_BATCH_CHARACTERS = 1 << 20

Tokens = npt.NDArray[np.uint16] | npt.NDArray[np.uint32]


@dataclass(frozen=True)
class TokenShards:
    """A tokenised source: a folder with ``manifest.json`` and raw little-endian arrays of token ids.

    Every document is followed by the end-of-text token, and no document is cut by the end of a shard. The
    shards, one after the other, are *the tokens*; row ``i`` of length ``s`` is tokens ``i·s … (i+1)·s − 1``,
    and what does not fill a row is left over (concat-and-chunk; OLMo-core's ``ConcatAndChunkInstanceSource``
    over all shards as one ``NumpyDocumentSource`` gives the same rows).
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
    """SHA-256 over the content: shard hashes, dtype and tokenizer hash."""

    @classmethod
    def open(cls, folder: Path, verify: bool = True) -> TokenShards:
        """Open the folder that :func:`tokenize` wrote.

        :param verify: hash every shard and compare with the manifest (reads all of it); sizes are checked
            always.
        :raises HormesisError: the folder or its manifest is missing or broken, or a shard is missing or has
            changed.
        """
        again = f"delete {folder} and tokenise the source again"
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            entries = [(str(e["file"]), int(e["tokens"]), str(e["sha256"])) for e in manifest["shards"]]
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
            )
        except FileNotFoundError:
            raise HormesisError(
                f"{folder} holds no token shards (no {MANIFEST})", "tokenise the source first"
            ) from None
        except (ValueError, KeyError, TypeError) as error:
            raise HormesisError(f"{folder / MANIFEST} is not a manifest: {error!r}", again) from error
        for file, tokens, digest in entries:
            path = folder / file
            expected = tokens * np.dtype(shards.dtype).itemsize
            if not path.is_file():
                raise HormesisError(f"the shard {path} is missing", again)
            if path.stat().st_size != expected:
                raise HormesisError(
                    f"the shard {path} has {path.stat().st_size} bytes, not {expected}", again
                )
            if verify and file_hash(path) != digest:
                raise HormesisError(
                    f"the shard {path} is corrupted: its SHA-256 is not the manifest's", again
                )
        return shards

    @property
    def paths(self) -> tuple[Path, ...]:
        """The shard files, in order."""
        return tuple(self.folder / file for file, _ in self.shards)

    @cached_property
    def _arrays(self) -> tuple[Tokens, ...]:
        return tuple(np.memmap(path, mode="r", dtype=self.dtype) for path in self.paths)

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
        first = int(np.searchsorted(self._starts, start, side="right")) - 1
        parts = []
        while start < end:
            offset = start - int(self._starts[first])
            part = self._arrays[first][offset : offset + end - start]
            parts.append(part)
            start += len(part)
            first += 1
        return cast(Tokens, np.asarray(parts[0]) if len(parts) == 1 else np.concatenate(parts))

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


def tokenize(
    documents: Iterable[Document],
    tokenizer_folder: Path,
    folder: Path,
    *,
    name: str,
    workers: int | None = None,
    shard_tokens: int = SHARD_TOKENS,
    progress: Callable[[int, int], None] | None = None,
) -> TokenShards:
    """Tokenise documents into ``folder``, on all cores, in bounded memory.

    Threads suffice: the tokenizer works outside Python's lock and spreads a batch over the cores itself. A
    few batches of 1 MiB of text are under way at a time, whatever the size of the corpus. Text is only ever
    text here: a document that spells ``<|endoftext|>`` is encoded letter by letter and ends nothing. The
    bytes written depend on neither ``workers`` nor timing.

    :param name: the name of the source.
    :param workers: batches encoded at a time; by default the number of cores.
    :param shard_tokens: a shard is closed at the first end of a document beyond this many tokens.
    :param progress: called with (documents, tokens) so far, after each batch.
    :returns: the shards, written whole or not at all; replaces what was in ``folder``.
    :raises HormesisError: there are no documents, the tokenizer cannot be loaded, or the disk is full.
    """
    wrapped = load_tokenizer(tokenizer_folder)
    tokenizer = Tokenizer.from_str(wrapped.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = True
    vocabulary = len(wrapped)
    dtype = np.dtype("<u2" if vocabulary <= 2**16 else "<u4")
    end_of_text = int(wrapped.eos_token_id)
    digest = tokenizer_hash(wrapped)

    def encode(texts: list[str]) -> _Encoded:
        encodings = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        lengths = np.array([len(encoding) + 1 for encoding in encodings], dtype=np.int64)
        ends = np.cumsum(lengths)
        tokens = np.full(int(ends[-1]), end_of_text, dtype=dtype)
        for encoding, length, end in zip(encodings, lengths.tolist(), ends.tolist(), strict=True):
            tokens[end - length : end - 1] = encoding.ids
        return _Encoded(tokens, ends, sum(len(text.encode()) for text in texts))

    count = token_count = text_bytes = 0
    with write_folder(folder) as temporary:
        with ExitStack() as stack:
            writer = stack.enter_context(_ShardWriter(temporary, shard_tokens))
            for encoded in _in_order(encode, _batches(documents), workers or os.cpu_count() or 1):
                writer.write(encoded.tokens, encoded.ends)
                count += len(encoded.ends)
                token_count += len(encoded.tokens)
                text_bytes += encoded.text_bytes
                if progress is not None:
                    progress(count, token_count)
        if count == 0:
            raise HormesisError(
                f"the source {name!r} has no documents to tokenise", "check its filter and held-out shares"
            )
        fingerprint = content_hash(
            {"shards": [shard.sha256 for shard in writer.shards], "dtype": dtype.name, "tokenizer": digest}
        )
        write_json(
            temporary / MANIFEST,
            {
                "format": 1,
                "name": name,
                "documents": count,
                "tokens": token_count,
                "text_bytes": text_bytes,
                "tokenizer_hash": digest,
                "vocabulary": vocabulary,
                "end_of_text": end_of_text,
                "dtype": dtype.name,
                "shards": [{"file": s.file, "tokens": s.tokens, "sha256": s.sha256} for s in writer.shards],
                "fingerprint": fingerprint,
            },
        )
    return TokenShards.open(folder, verify=False)


@dataclass(frozen=True)
class _Encoded:
    tokens: Tokens
    ends: npt.NDArray[np.int64]  # where each document ends, exclusive, its end-of-text token included
    text_bytes: int


@dataclass(frozen=True)
class _Shard:
    file: str
    tokens: int
    sha256: str


def _batches(documents: Iterable[Document]) -> Iterator[list[str]]:
    batch: list[str] = []
    characters = 0
    for document in documents:
        batch.append(document.text)
        characters += len(document.text)
        if characters >= _BATCH_CHARACTERS or len(batch) >= 4096:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _in_order(
    encode: Callable[[list[str]], _Encoded], batches: Iterator[list[str]], workers: int
) -> Iterator[_Encoded]:
    """Encoded batches in their order, with at most ``workers + 2`` of them in memory."""
    pending: deque[Future[_Encoded]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="tokenize") as pool:
        try:
            for batch in batches:
                pending.append(pool.submit(encode, batch))
                if len(pending) > workers + 1:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:  # after an error there is nothing to wait for
                future.cancel()


class _ShardWriter:
    """Writes tokens to ``tokens-00000.npy``, …; closes a shard at the end of the document that fills it."""

    def __init__(self, folder: Path, shard_tokens: int) -> None:
        self.shards: list[_Shard] = []
        self._folder = folder
        self._shard_tokens = shard_tokens
        self._file: BinaryIO | None = None
        self._tokens = 0
        self._digest = sha256()

    def __enter__(self) -> _ShardWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def write(self, tokens: Tokens, ends: npt.NDArray[np.int64]) -> None:
        start = 0
        while start < len(tokens):
            # The first document that ends at or beyond the shard's size; all that is left if none does.
            last = int(np.searchsorted(ends, start + self._shard_tokens - self._tokens))
            end = int(ends[min(last, len(ends) - 1)])
            self._append(tokens[start:end])
            if self._tokens >= self._shard_tokens:
                self._close()
            start = end

    def _append(self, tokens: Tokens) -> None:
        if self._file is None:
            self._file = (self._folder / self._name).open("wb")
        data = tokens.tobytes()
        self._file.write(data)
        self._digest.update(data)
        self._tokens += len(tokens)

    @property
    def _name(self) -> str:
        return f"tokens-{len(self.shards):05d}.npy"

    def _close(self) -> None:
        if self._file is None:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self.shards.append(_Shard(self._name, self._tokens, self._digest.hexdigest()))
        self._file, self._tokens, self._digest = None, 0, sha256()
