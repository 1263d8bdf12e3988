"""Plain text: a document a file."""

from __future__ import annotations

from pathlib import Path

from hormesis.corpus import SourceConfig
from tests.corpus.files import TEXTS, texts_of


def test_a_text_folder_gives_a_document_a_file_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for i, text in enumerate(TEXTS[:12]):
        (tmp_path / ("sub" if i % 2 else ".") / f"{i:02d}.txt").write_text(text)
    found = texts_of(SourceConfig(path=str(tmp_path)))
    assert sorted(found) == sorted(TEXTS[:12])
    assert found == texts_of(SourceConfig(path=str(tmp_path)))


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("\ufeffgoose".encode())
    (tmp_path / "b.jsonl").write_bytes('\ufeff{"text": "drum"}\n'.encode())
    assert [texts_of(SourceConfig(path=name), root=tmp_path) for name in ("a.txt", "b.jsonl")] == [["goose"], ["drum"]]
