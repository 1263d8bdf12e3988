"""A store is whole or as it was; what it cannot use it says."""

from __future__ import annotations

import json
import multiprocessing
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from hormesis.counterspeech import EvidenceStore, add_evidence, demo_store, read_evidence
from hormesis.counterspeech.documents import Evidence
from hormesis.counterspeech.store import explained
from hormesis.counterspeech.wording import forms, words
from hormesis.errors import HormesisError
from tests.counterspeech.world import DISPUTES, DOCUMENTS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "evidence.db"
    add_evidence(path, [*DOCUMENTS[:2], *DISPUTES])
    return path


def test_adding_twice_changes_nothing(path: Path) -> None:
    before = path.read_bytes()
    added = add_evidence(path, [*DOCUMENTS[:2], *DISPUTES])
    assert (added.documents, added.disputes, added.known) == (0, 0, 3)
    assert path.read_bytes() == before
    assert add_evidence(path, DOCUMENTS).documents == 1
    assert EvidenceStore.open(path).size == 3
    assert sorted(each.name for each in path.parent.iterdir()) == [path.name]


def _dies(path: Path) -> None:
    def evidence() -> Iterator[Evidence]:
        yield DOCUMENTS[2]
        os._exit(9)

    add_evidence(path, evidence())


def test_a_killed_import_leaves_the_old_store(path: Path) -> None:
    before = path.read_bytes()
    child = multiprocessing.get_context("fork").Process(target=_dies, args=(path,))
    child.start()
    child.join()
    assert child.exitcode == 9
    assert path.read_bytes() == before
    assert EvidenceStore.open(path).size == 2
    assert add_evidence(path, DOCUMENTS).documents == 1  # its lock is gone with it


def test_no_row_of_the_index_spans_two_documents(store: EvidenceStore) -> None:
    assert store.with_phrase(["the", "long", "year"]) == []
    assert [store.source(each).id for each in store.with_phrase(["and", "i", "believe", "her"])] == ["harbour"]
    assert store.with_phrase(["believe", "her", "whoever", "plants"]) == []


def test_an_id_may_not_name_two_documents(path: Path) -> None:
    other = type(DOCUMENTS[0])("harbour", "Another text.", "Somebody Else", "Other")
    with pytest.raises(HormesisError, match="another document with the id 'harbour'"):
        add_evidence(path, [other])
    assert EvidenceStore.open(path).size == 2


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.unlink(), "nothing is there"),
        (lambda path: path.write_text("no database"), "is no evidence store"),
        (lambda path: path.write_bytes(path.read_bytes()[:9000]), "is damaged"),
        (lambda path: (path.unlink(), add_evidence(path, [])), "holds no document"),
    ],
)
def test_a_store_that_cannot_be_used_says_its_fix(path: Path, spoil: object, said: str) -> None:
    assert callable(spoil)
    spoil(path)
    with pytest.raises(HormesisError, match=said) as error:
        EvidenceStore.open(path)
    assert error.value.fix


def test_a_locked_store_says_so(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(HormesisError, match="locked by another program"), explained(path):
        EvidenceStore.open(path)
    other.rollback()
    with FileLock(path.with_name(path.name + ".lock")), pytest.raises(HormesisError, match="another import is running"):
        add_evidence(path, DOCUMENTS)


def test_files_of_each_kind_are_read(tmp_path: Path) -> None:
    record = {"text": "One two three.", "author": "Ada Bell", "title": "Counting", "year": 1900}
    pq.write_table(pa.Table.from_pylist([record]), tmp_path / "a.parquet")
    (tmp_path / "a.jsonl").write_text(json.dumps(record | {"aliases": ["A. B."]}) + "\n")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "counting.txt").write_text("Author: Ada Bell\nYear: 1900\n\nOne two three.")
    (tmp_path / "d.jsonl").write_text(json.dumps({"quotation": "Four five.", "claimed_author": "Ada Bell"}))
    found = [list(read_evidence(tmp_path / name)) for name in ("a.parquet", "a.jsonl", "texts", "d.jsonl")]
    assert [type(each).__name__ for (each,) in found] == ["Document", "Document", "Document", "Dispute"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", b'{"text": "x", "title": "y"}', "no column 'author'"),
        ("a.jsonl", b'{"text": " ", "author": "a", "title": "y"}', "its text is empty"),
        ("a.jsonl", b'{"text": "x", "author": "a", "title": "y", "sha256": "00"}', "not the one that its sha256 names"),
        ("a.jsonl", b"\xff\xfe\x00", "is not UTF-8"),
        ("a.jsonl", b"{", "is no JSON"),
        ("a.txt", b"Just words.", "does not say whose text it is"),
        ("a.parquet", b"PAR1 and then nothing", "cannot be read as Parquet"),
        ("a.docx", b"", "is no Parquet, JSON lines or text"),
    ],
)
def test_bad_files_say_their_fix(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(HormesisError, match=said):
        list(read_evidence(tmp_path / name))


@given(st.text(alphabet="aAbé'’ -.,$%4\u200b\u0301\n()[]нотİß中", max_size=40))
def test_fast_and_placed_words_agree(text: str) -> None:
    placed = words(text)
    assert [each.form for each in placed] == forms(text)
    assert all(0 <= each.start < each.end <= len(text) for each in placed)


def test_the_store_that_ships_is_small_and_cited() -> None:
    store = demo_store()
    assert all(each.licence and each.url and each.author and each.title for each in store.documents())
    folder = Path(__file__).parents[2] / "src" / "hormesis" / "counterspeech" / "demo"
    assert sum(each.stat().st_size for each in folder.glob("*.parquet")) <= 300_000
