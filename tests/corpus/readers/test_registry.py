"""A reader is one decorated function: it is used, named in errors, and its version enters fingerprints."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hormesis.corpus import SourceConfig, read
from hormesis.corpus.readers import READERS, Row, pick, reader
from hormesis.errors import HormesisError
from hormesis.study.engine.fingerprints import Fingerprints
from tests.blocking import HEAVY, run_without
from tests.registering import restored


def csv_rows(file: Path, columns: Sequence[str]) -> Iterator[Row]:
    with file.open(encoding="utf-8", newline="") as lines:
        for number, record in enumerate(csv.DictReader(lines), start=1):
            yield Row({name: pick(dict(record), name, file, required=True) for name in columns}, f"{file}:{number}")


def test_a_format_of_ones_own_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.goose").write_text("number,text\n1,the goose\n2,the drum\n", encoding="utf-8")
    source = SourceConfig(path="a.goose", where={"number": "2"})
    with restored(READERS):
        reader(".goose")(csv_rows)
        assert [document.text for document in read(source, root=tmp_path)] == ["the drum"]
        with pytest.raises(HormesisError, match="no column 'words'\n.*number, text"):
            list(read(SourceConfig(path="a.goose", column="words"), root=tmp_path))
        (tmp_path / "b.drum").write_text("text\n", encoding="utf-8")
        with pytest.raises(HormesisError, match=r"unknown format \(.drum\)\n.*\.goose, .*\.parquet, .*\.txt"):
            list(read(SourceConfig(path="b.drum"), root=tmp_path))
    with pytest.raises(HormesisError, match="unknown format"):
        list(read(source, root=tmp_path))


def test_another_version_of_a_reader_is_other_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.goose").write_text("text\nthe goose\n", encoding="utf-8")

    def fingerprint() -> str:
        return Fingerprints(tmp_path).fingerprints({"a": SourceConfig(path="a.goose")})["a"]

    with restored(READERS):
        reader(".goose")(csv_rows)
        before = fingerprint()
        assert fingerprint() == before
        monkeypatch.setitem(READERS._versions, ".goose", "csv-reader@2.0")
        assert fingerprint() != before


def test_a_parquet_file_is_read_without_torch(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["the goose"]}), tmp_path / "a.parquet")
    code = """
from hormesis.corpus import SourceConfig, read
print([document.text for document in read(SourceConfig(path=sys.argv[1]))])
"""
    assert run_without(HEAVY, code, str(tmp_path / "a.parquet")) == "['the goose']\n"
