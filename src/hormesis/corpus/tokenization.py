"""Tokenising: from a stream of documents to token shards, on all cores and in bounded memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from hormesis.corpus.documents import Document
from hormesis.corpus.shards import FORMAT, MANIFEST, Tokens, TokenShards
from hormesis.corpus.tokenizer import load_tokenizer, tokenizer_hash
from hormesis.errors import HormesisError
from hormesis.files import content_hash, write_folder, write_json

SHARD_TOKENS = 2**27  # 256 MiB of uint16: few enough files, each still quick to copy and hash
_BATCH_CHARACTERS = 1 << 20


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
    vocabulary = max(wrapped.get_vocab().values()) + 1  # ids may have gaps
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
        with _ShardWriter(temporary, shard_tokens) as writer:
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
                "format": FORMAT,
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
