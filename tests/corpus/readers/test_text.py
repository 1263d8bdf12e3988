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
