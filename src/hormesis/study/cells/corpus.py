"""Read, split off the held-out rows, train the tokenizer, tokenise."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field, model_validator

from hormesis.config import Config
from hormesis.corpus import Document, HeldOutConfig, SourceConfig, read, role_of
from hormesis.errors import HormesisError
from hormesis.study.engine.cell import Cell, Inputs
from hormesis.study.engine.kind import Job, Kind, kind
from hormesis.study.texts import Corpus, FileCorpus, documents_of, look_at, read_texts

if TYPE_CHECKING:
    from hormesis.study.plan import Plan, Planning

_ROWS_A_BATCH = 4096


class TokenizerSection(Config):
    """Either a byte-level BPE of this size, trained on the training rows, or an existing folder."""

    vocabulary: int | None = Field(default=None, ge=300, le=2**22)
    path: Path | None = None
    documents: int = Field(default=50_000, gt=0, description="documents of each source that the training reads")

    @model_validator(mode="after")
    def _one_of_two(self) -> TokenizerSection:
        if (self.vocabulary is None) == (self.path is None):
            raise ValueError("give either `vocabulary` (train one) or `path` (use a Hugging Face tokenizer folder)")
        return self


class CorpusInputs(Inputs):
    """What decides tokens and held-out rows."""

    kind: ClassVar[str] = "corpus"
    corpus: Corpus
    held_out: HeldOutConfig
    """As training sees it (:attr:`~hormesis.corpus.HeldOutConfig.for_training`)."""
    tokenizer: TokenizerSection
    domains: dict[str, SourceConfig]
    documents: int
    data: dict[str, str]
    """Fingerprints of the files read, by name."""


@kind
class CorpusKind(Kind[CorpusInputs]):
    """``tokenizer/``, ``shards/{clean,toxic}``, ``held_out/DOMAIN.parquet``, ``scorer_rows/…``: the last holds all that
    a scorer or a labeller may be fitted on."""

    inputs = CorpusInputs
    measured = False

    def plan(self, planning: Planning) -> Iterator[Cell[CorpusInputs]]:
        """One."""
        config = planning.config
        inputs = CorpusInputs(
            corpus=config.corpus,
            held_out=config.held_out.for_training,
            tokenizer=config.tokenizer,
            domains=config.evaluation.domains,
            documents=config.evaluation.documents,
            data=corpus_data(planning),
        )
        yield Cell(inputs, label="corpus")

    def foresee(self, plan: Plan, root: Path | None) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.foresee`."""
        corpus = plan.config.corpus
        sources = [corpus.clean, corpus.toxic] if isinstance(corpus, FileCorpus) else []
        for source in (*sources, *plan.config.evaluation.domains.values()):
            look_at(source, root)

    def run(self, job: Job[CorpusInputs]) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.run`."""
        inputs, work, root = job.inputs, job.work, job.root
        job.progress(0.02, "trains the tokenizer")
        _tokenizer(inputs, root, work / "tokenizer")
        for position, part in enumerate(("clean", "toxic")):
            _tokenize_part(job, part, 0.2 + 0.4 * position)
        for name, source in inputs.domains.items():
            file = _TextFile(work / "held_out" / f"{name}.parquet", inputs.documents)
            for document in islice(read(source, root=root), inputs.documents):
                file.add(document.text)
            file.close()


def corpus_data(planning: Planning) -> dict[str, str]:
    """Fingerprints of what the corpus is made of."""
    config, files = planning.config, planning.files
    corpus = config.corpus
    sources = {"clean": corpus.clean, "toxic": corpus.toxic} if isinstance(corpus, FileCorpus) else {}
    return (
        files.fingerprints(sources)
        | files.fingerprints(config.evaluation.domains)
        | files.tokenizer(config.tokenizer.path)
    )


def _tokenize_part(job: Job[CorpusInputs], part: str, begins: float) -> None:
    from hormesis.corpus import tokenize

    inputs, work = job.inputs, job.work
    aside = {
        "evaluate": _TextFile(work / "held_out" / f"{part}.parquet", inputs.documents),
        "scorer": _TextFile(work / "scorer_rows" / f"{part}.parquet", None),
    }
    training = _training_documents(documents_of(inputs.corpus, part, job.root), inputs.held_out, aside)
    tokenize(
        training,
        work / "tokenizer",
        work / "shards" / part,
        name=part,
        progress=lambda documents, tokens: job.progress(
            begins, f"tokenises {part}: {documents:,} documents, {tokens:,} tokens"
        ),
    )
    for file in aside.values():
        file.close()
    if not read_texts(work / "held_out" / f"{part}.parquet"):
        raise HormesisError(
            f"no {part} row was held out for evaluation", "raise `held_out.evaluate`, or give more documents"
        )


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
    from hormesis.corpus import load_tokenizer, train_tokenizer

    section = inputs.tokenizer
    if section.path is not None:
        path = section.path if root is None else root / section.path
        load_tokenizer(path).save_pretrained(folder)
        return

    def texts() -> Iterator[str]:
        for part in ("clean", "toxic"):
            rows = documents_of(inputs.corpus, part, root)
            training = (row.text for row in rows if role_of(row.text, inputs.held_out) == "train")
            yield from islice(training, section.documents)

    train_tokenizer(texts(), section.vocabulary or 0, folder)


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
