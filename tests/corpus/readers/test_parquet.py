"""Parquet: bounded memory, and bytes that are no text."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hormesis.corpus import SourceConfig, read
from hormesis.errors import HormesisError
from tests.corpus.files import parquet, texts_of


def test_parquet_bytes_that_are_not_utf8_are_an_error_or_skipped(tmp_path: Path) -> None:
    column = pa.array([b"goose", b"\xff\xfe", b"drum"], pa.binary())
    pq.write_table(pa.table({"text": column}), tmp_path / "bytes.parquet")
    # A string column with bad bytes: what careless writers leave.
    bad = pa.StringArray.from_buffers(3, *column.buffers()[1:], column.buffers()[0])
    pq.write_table(pa.table({"text": bad}), tmp_path / "string.parquet")
    # The same in a dictionary and in a record.
    numbers = pa.array([0, 1, 2], pa.int32())
    pq.write_table(pa.table({"text": pa.DictionaryArray.from_arrays(numbers, bad)}), tmp_path / "dictionary.parquet")
    pq.write_table(pa.table({"text": bad}).add_column(0, "n", numbers), tmp_path / "two.parquet")
    record = pa.StructArray.from_arrays([bad], ["words"])
    pq.write_table(pa.table({"prompt": record}), tmp_path / "record.parquet")
    with pytest.raises(HormesisError, match="record.parquet:2: the text is not UTF-8"):
        texts_of(SourceConfig(path="record.parquet", column="prompt.words"), root=tmp_path)
    for name in ("bytes", "string", "dictionary", "two"):
        config = SourceConfig(path=f"{name}.parquet")
        with pytest.raises(HormesisError, match=f"{name}.parquet:2: the text is not UTF-8"):
            texts_of(config, root=tmp_path)
        assert texts_of(config.model_copy(update={"undecodable": "skip"}), root=tmp_path) == ["goose", "drum"]


def test_memory_does_not_grow_with_a_parquet_file(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        path = parquet(tmp_path / f"{rows}.parquet", [f"goose {i} " * 50 for i in range(rows)])
        before = pa.total_allocated_bytes()
        return max(int(pa.total_allocated_bytes() - before) for _ in read(SourceConfig(path=str(path))))

    assert peak(60_000) < 1.4 * peak(10_000)
