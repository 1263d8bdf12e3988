"""Small files of invented texts."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hormesis.corpus import SourceConfig, read
from tests.corpus.conftest import invented

TEXTS = invented(50)


def parquet(path: Path, texts: list[str] = TEXTS) -> Path:
    pq.write_table(pa.table({"text": texts, "number": list(range(len(texts)))}), path)
    return path


def json_lines(texts: list[str] = TEXTS) -> bytes:
    return b"".join(json.dumps({"text": text, "number": i}).encode() + b"\n" for i, text in enumerate(texts))


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def texts_of(config: SourceConfig, root: Path | None = None) -> list[str]:
    return [document.text for document in read(config, root=root)]
