"""Readers: every format gives the same documents, in bounded memory; bad input is named."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from datasets import Dataset, DatasetDict
from pydantic import ValidationError

from hormesis.corpus import HUB_DATASETS, SourceConfig, read
from hormesis.errors import HormesisError
from tests.corpus.files import TEXTS, json_lines, parquet, texts_of, written

WRITERS: dict[str, Callable[[Path], Path]] = {
    "parquet": lambda folder: parquet(folder / "a.parquet"),
    "jsonl": lambda folder: written(folder / "a.jsonl", json_lines()),
    "ndjson": lambda folder: written(folder / "a.ndjson", json_lines()),
    "gz": lambda folder: written(folder / "a.jsonl.gz", gzip.compress(json_lines())),
    "zst": lambda folder: written(folder / "a.jsonl.zst", zstandard.compress(json_lines())),
    # Two frames one after the other, as `cat a.zst b.zst` and parallel compressors write them.
    "zst frames": lambda folder: written(
        folder / "a.jsonl.zst",
        zstandard.compress(json_lines()[:500]) + zstandard.compress(json_lines()[500:]),
    ),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_every_format_gives_the_same_documents(kind: str, tmp_path: Path) -> None:
    path = WRITERS[kind](tmp_path)
    assert texts_of(SourceConfig(path=str(path))) == TEXTS
    assert texts_of(SourceConfig(path=path.name), root=tmp_path) == TEXTS
    assert {document.source for document in read(SourceConfig(path=str(path)))} == {"a"}


def test_a_folder_and_a_glob_give_all_their_files(tmp_path: Path) -> None:
    parquet(tmp_path / "1.parquet", TEXTS[:20])
    parquet(tmp_path / "0.parquet", TEXTS[20:])
    assert texts_of(SourceConfig(path=str(tmp_path))) == TEXTS[20:] + TEXTS[:20]
    assert texts_of(SourceConfig(path="[1]*.parquet"), root=tmp_path) == TEXTS[:20]


def test_where_and_limit_choose_rows(tmp_path: Path) -> None:
    path = str(parquet(tmp_path / "a.parquet"))
    assert texts_of(SourceConfig(path=path, where={"number": [3, 5, 7]}, limit=2)) == [TEXTS[3], TEXTS[5]]
    with pytest.raises(HormesisError, match="no row of"):
        texts_of(SourceConfig(path=path, where={"number": -1}))


def test_a_dotted_column_goes_into_records(tmp_path: Path) -> None:
    rows = [{"prompt": {"text": text}} for text in TEXTS]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    (tmp_path / "b.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in ("a.parquet", "b.jsonl"):
        assert texts_of(SourceConfig(path=name, column="prompt.text"), root=tmp_path) == TEXTS
        with pytest.raises(HormesisError, match="name one of its columns: text"):
            texts_of(SourceConfig(path=name, column="prompt.words"), root=tmp_path)


def test_empty_texts_are_left_out(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["goose", None, " \n", "", "drum"]}), tmp_path / "a.parquet")
    assert texts_of(SourceConfig(path="a.parquet"), root=tmp_path) == ["goose", "drum"]


@pytest.mark.parametrize("streaming", [True, False])
def test_a_hub_dataset_is_read_from_a_local_folder_of_its_layout(
    streaming: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / ".cache")
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "c4-train.00000-of-00001.json.gz").write_bytes(gzip.compress(json_lines()))
    (tmp_path / "README.md").write_text(
        "---\nconfigs:\n- config_name: en\n  data_files:\n  - split: train\n    path: en/c4-train.*.json.gz\n---\n"
    )
    config = SourceConfig(dataset="c4", path=str(tmp_path), streaming=streaming, name="c4")
    assert (config.dataset, config.config, config.column) == ("allenai/c4", "en", "text")
    assert texts_of(config) == TEXTS
    (tmp_path / "en" / "c4-train.00000-of-00001.json.gz").write_bytes(gzip.compress(json_lines(TEXTS[:7])))
    assert texts_of(config) == TEXTS[:7]  # what is there now, not what was cached
    with pytest.raises(HormesisError, match="cannot be read"):
        texts_of(SourceConfig(dataset="c4", config="klingon", path=str(tmp_path), streaming=streaming))


def test_saved_datasets_are_read(tmp_path: Path) -> None:
    data = Dataset.from_dict({"text": TEXTS})
    data.save_to_disk(str(tmp_path / "one"))
    DatasetDict({"train": data, "test": data.select([0])}).save_to_disk(str(tmp_path / "splits"))
    assert texts_of(SourceConfig(path="one"), root=tmp_path) == TEXTS
    assert texts_of(SourceConfig(path="splits", split="test"), root=tmp_path) == TEXTS[:1]
    with pytest.raises(HormesisError, match="has no split 'dev'"):
        texts_of(SourceConfig(path="splits", split="dev"), root=tmp_path)


@pytest.mark.parametrize("name", ["openwebtext", "4chan-pol", "rtp"])
def test_each_named_corpus_is_read_from_its_layout(name: str, tmp_path: Path) -> None:
    rows = [{"prompt": {"text": text}} if name == "rtp" else {"text": text} for text in TEXTS]
    (tmp_path / "data").mkdir()
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "data" / "train-00000-of-00001.parquet")
    assert texts_of(SourceConfig(dataset=name, path=str(tmp_path))) == TEXTS


def test_the_named_datasets_fill_what_is_left_out() -> None:
    for name in HUB_DATASETS:
        config = SourceConfig(dataset=name)
        assert config.dataset is not None and "/" in config.dataset
    assert SourceConfig(dataset="rtp").column == "prompt.text"
    assert SourceConfig(dataset="c4", config="realnewslike").config == "realnewslike"


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda folder: folder / "absent.parquet", "does not exist"),
        (lambda folder: written(folder / "a.jsonl", b""), "is empty"),
        (lambda folder: written(folder / "a.goose", b"text\ngoose\n"), "unknown format"),
        (lambda folder: written(folder / "a.parquet", b"no parquet"), "is broken at its start"),
        (lambda folder: written(folder / "a.jsonl.gz", gzip.compress(json_lines())[:-30]), "is broken"),
        (lambda folder: written(folder / "a.jsonl.zst", b"no zstandard"), "is broken"),
        (
            lambda folder: written(folder / "a.jsonl", b'{"text": "goose"}\n{"text": \n'),
            "a.jsonl:2: the line is not JSON",
        ),
        (
            lambda folder: written(folder / "a.jsonl", b'{"text": "g\xff"}\n'),
            "a.jsonl:1: the line is not UTF-8",
        ),
        (lambda folder: written(folder / "a.jsonl", b'{"text": "\\ud800"}\n'), "has no UTF-8 form"),
        (lambda folder: written(folder / "a.jsonl", b"[1]\n"), "not a JSON object"),
        (lambda folder: written(folder / "a.jsonl", b'{"text": 7}\n'), "holds int, not text"),
        (lambda folder: written(folder / "a.jsonl", b'{"text": " "}\n'), "holds no text in any row"),
        (lambda folder: written(folder / "a.txt", b"goose \xff"), "not UTF-8"),
        (lambda folder: written(folder / "a.jsonl", b'{"words": "goose", "id": 1}\n'), "no column 'text'"),
    ],
)
def test_bad_files_are_named(make: Callable[[Path], Path], problem: str, tmp_path: Path) -> None:
    path = make(tmp_path)
    with pytest.raises(HormesisError, match=problem) as caught:
        texts_of(SourceConfig(path=str(path)))
    assert path.name in str(caught.value) and "Fix:" in str(caught.value)


def test_an_absent_column_names_those_that_are_there(tmp_path: Path) -> None:
    parquet(tmp_path / "a.parquet")
    (tmp_path / "b.jsonl").write_bytes(json_lines())
    for name in ("a.parquet", "b.jsonl"):
        with pytest.raises(HormesisError, match="no column 'content'\n.*number, text"):
            texts_of(SourceConfig(path=name, column="content"), root=tmp_path)


def test_folders_without_a_readable_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="is an empty folder"):
        texts_of(SourceConfig(path=str(tmp_path)))
    (tmp_path / "a.goose").write_text("text")
    with pytest.raises(HormesisError, match="no file of a known format.*goose"):
        texts_of(SourceConfig(path=str(tmp_path)))


def test_a_source_needs_a_place_and_no_unknown_key() -> None:
    with pytest.raises(ValidationError, match="give `path`"):
        SourceConfig()
    with pytest.raises(ValidationError, match="colum"):
        SourceConfig.model_validate({"path": "a.parquet", "colum": "text"})


def test_what_datasets_writes_beside_data_is_no_data(tmp_path: Path) -> None:
    written(tmp_path / "data.jsonl", json_lines())
    written(tmp_path / "dataset_infos.json", b'{"default": {"description": "invented"}}')
    assert texts_of(SourceConfig(path=str(tmp_path))) == TEXTS
