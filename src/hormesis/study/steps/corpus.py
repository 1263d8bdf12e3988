"""Read, split off the held-out rows, train the tokenizer, tokenise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hormesis.corpus import (
    Document,
    HeldOutConfig,
    Microworld,
    SourceConfig,
    load_tokenizer,
    read,
    role_of,
    tokenize,
    train_tokenizer,
)
from hormesis.errors import HormesisError
from hormesis.study.cells import Cell, CorpusInputs
from hormesis.study.config import FileCorpus, MicroworldCorpus, TokenizerSection
from hormesis.study.store import Store

_ROWS_A_BATCH = 4096


def documents_of(corpus: FileCorpus | MicroworldCorpus, part: str, root: Path | None) -> Iterator[Document]:
    """All documents of the ``clean`` or ``toxic`` part of a study's corpus, held-out ones included."""
    if isinstance(corpus, MicroworldCorpus):
        world = Microworld(corpus.settings)
        return world.clean(corpus.clean_documents) if part == "clean" else world.toxic(corpus.toxic_documents)
    return read(corpus.clean if part == "clean" else corpus.toxic, root=root)


class _TextFile:
    """Texts collected into a Parquet file batch by batch, so that memory stays bounded."""

    def __init__(self, path: Path, most: int | None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.room = most
        self._writer = pq.ParquetWriter(path, pa.schema([("text", pa.string())]), compression="zstd")
        self._batch: list[str] = []

    def add(self, text: str) -> None:
        if self.room is not None:
            if self.room == 0:
                return
            self.room -= 1
        self._batch.append(text)
        if len(self._batch) >= _ROWS_A_BATCH:
            self._flush()

    def _flush(self) -> None:
        self._writer.write_table(pa.table({"text": pa.array(self._batch, pa.string())}))
        self._batch = []

    def close(self) -> None:
        self._flush()
        self._writer.close()


def read_texts(path: Path) -> list[str]:
    """The texts of a Parquet file written by the corpus cell."""
    texts: list[str] = pq.read_table(path, columns=["text"]).column("text").to_pylist()
    return texts


def _training_documents(
    documents: Iterator[Document], held_out: HeldOutConfig, aside: dict[str, _TextFile]
) -> Iterator[Document]:
    """The training rows; the others go to their files on the way."""
    for document in documents:
        role = role_of(document.text, held_out)
        if role == "train":
            yield document
        else:
            aside[role].add(document.text)


def _tokenizer(inputs: CorpusInputs, root: Path | None, folder: Path) -> None:
    section: TokenizerSection = inputs.tokenizer
    if section.path is not None:
        path = section.path if root is None else root / section.path
        load_tokenizer(path).save_pretrained(folder)
        return
    assert section.vocabulary is not None

    def texts() -> Iterator[str]:
        for part in ("clean", "toxic"):
            rows = documents_of(inputs.corpus, part, root)
            training = (row.text for row in rows if role_of(row.text, inputs.held_out) == "train")
            yield from islice(training, section.documents)

    train_tokenizer(texts(), section.vocabulary, folder)


def corpus_step(cell: Cell, store: Store, root: Path | None, progress: Callable[[float, str], None]) -> None:
    """``tokenizer/``, ``shards/{clean,toxic}``, ``held_out/DOMAIN.parquet``, ``scorer_rows/…``.

    The last holds all that a scorer or a labeller may be fitted on.
    """
    inputs = cell.inputs
    assert isinstance(inputs, CorpusInputs)
    work = store.work_folder(cell)
    progress(0.02, "trains the tokenizer")
    _tokenizer(inputs, root, work / "tokenizer")
    for position, part in enumerate(("clean", "toxic")):
        aside = {
            "evaluate": _TextFile(work / "held_out" / f"{part}.parquet", inputs.documents),
            "scorer": _TextFile(work / "scorer_rows" / f"{part}.parquet", None),
        }
        begins = 0.2 + 0.4 * position

        def show(documents: int, tokens: int, part: str = part, begins: float = begins) -> None:
            progress(begins, f"tokenises {part}: {documents:,} documents, {tokens:,} tokens")

        training = _training_documents(documents_of(inputs.corpus, part, root), inputs.held_out, aside)
        tokenize(training, work / "tokenizer", work / "shards" / part, name=part, progress=show)
        for file in aside.values():
            file.close()
        if not read_texts(work / "held_out" / f"{part}.parquet"):
            raise HormesisError(
                f"no {part} row was held out for evaluation", "raise `held_out.evaluate`, or give more documents"
            )
    for name, source in inputs.domains.items():
        _copy_domain(source, root, work / "held_out" / f"{name}.parquet", inputs.documents)


def _copy_domain(source: SourceConfig, root: Path | None, path: Path, most: int) -> None:
    file = _TextFile(path, most)
    for document in islice(read(source, root=root), most):
        file.add(document.text)
    file.close()
