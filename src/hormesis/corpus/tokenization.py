"""Tokenising: from a stream of documents to token shards, on all cores and in bounded memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from hormesis.corpus.alignment import learned_tokens
from hormesis.corpus.documents import Document
from hormesis.corpus.shard_writer import Learned, ShardWriter
from hormesis.corpus.shards import FORMAT, MANIFEST, Tokens, TokenShards
from hormesis.corpus.tokenizer import load_tokenizer, tokenizer_hash
from hormesis.errors import HormesisError
from hormesis.files import Json, content_hash, write_folder, write_json
from hormesis.marks import FolderKind, holds_only

SHARDS = FolderKind("token shards", holds_only(MANIFEST, "tokens-*.npy", "mask-*.npy", sign=MANIFEST))
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
    allow_empty: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> TokenShards:
    """Tokenise documents into ``folder``, on all cores, in bounded memory.

    Threads suffice: the tokenizer works outside Python's lock and spreads a batch over the cores itself. A
    few batches of 1 MiB of text are under way at a time, whatever the size of the corpus. Text is only ever
    text here: a document that spells ``<|endoftext|>`` is encoded letter by letter and ends nothing. The
    bytes written depend on neither ``workers`` nor timing. Where documents have parts that carry no loss, each shard
    with such a part gets a mask beside it (:mod:`hormesis.corpus.shard_writer`).

    :param name: the name of the source.
    :param workers: batches encoded at a time; by default the number of cores.
    :param shard_tokens: a shard is closed at the first end of a document beyond this many tokens.
    :param allow_empty: whether no documents at all give shards without a token, rather than an error.
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

    def encode(batch: list[Document]) -> _Encoded:
        texts = [document.text for document in batch]
        masked = any(document.unlearned for document in batch)
        # The fast kind gives the same ids, and no offsets.
        encode_batch = tokenizer.encode_batch if masked else tokenizer.encode_batch_fast
        encodings = encode_batch(texts, add_special_tokens=False)
        lengths = np.array([len(encoding) + 1 for encoding in encodings], dtype=np.int64)
        ends = np.cumsum(lengths)
        tokens = np.full(int(ends[-1]), end_of_text, dtype=dtype)
        for encoding, length, end in zip(encodings, lengths.tolist(), ends.tolist(), strict=True):
            tokens[end - length : end - 1] = encoding.ids
        learned = None
        if masked:
            learned = np.ones(len(tokens), dtype=bool)
            for document, encoding, length, end in zip(batch, encodings, lengths.tolist(), ends.tolist(), strict=True):
                if document.unlearned:
                    part = learned_tokens(encoding.offsets, document.unlearned, len(document.text))
                    learned[end - length : end] = part
        return _Encoded(tokens, ends, learned, sum(len(text.encode()) for text in texts))

    count = token_count = text_bytes = 0
    with write_folder(folder, SHARDS) as temporary:
        with ShardWriter(temporary, shard_tokens) as writer:
            for encoded in _in_order(encode, _batches(documents), workers or os.cpu_count() or 1):
                writer.write(encoded.tokens, encoded.ends, encoded.learned)
                count += len(encoded.ends)
                token_count += len(encoded.tokens)
                text_bytes += encoded.text_bytes
                if progress is not None:
                    progress(count, token_count)
        if count == 0 and not allow_empty:
            raise HormesisError(
                f"the source {name!r} has no documents to tokenise", "check its filter and held-out shares"
            )
        content: dict[str, Json] = {
            "shards": [shard.sha256 for shard in writer.shards],
            "dtype": dtype.name,
            "tokenizer": digest,
        }
        manifest: dict[str, Json] = {
            "format": FORMAT,
            "name": name,
            "documents": count,
            "tokens": token_count,
            "text_bytes": text_bytes,
            "tokenizer_hash": digest,
            "vocabulary": vocabulary,
            "end_of_text": end_of_text,
            "dtype": dtype.name,
            "shards": [shard.as_json() for shard in writer.shards],
        }
        if writer.unlearned:  # keys of masks only where there are masks: other shards keep their fingerprints
            content["masks"] = [shard.mask_sha256 for shard in writer.shards]
            manifest["unlearned"] = writer.unlearned
        write_json(temporary / MANIFEST, {**manifest, "fingerprint": content_hash(content)})
    return TokenShards.open(folder, verify=False)


@dataclass(frozen=True)
class _Encoded:
    tokens: Tokens
    ends: npt.NDArray[np.int64]  # where each document ends, exclusive, its end-of-text token included
    learned: Learned | None  # None: every token carries loss
    text_bytes: int


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    characters = 0
    for document in documents:
        batch.append(document)
        characters += len(document.text)
        if characters >= _BATCH_CHARACTERS or len(batch) >= 4096:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _in_order(
    encode: Callable[[list[Document]], _Encoded], batches: Iterator[list[Document]], workers: int
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
