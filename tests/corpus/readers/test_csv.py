"""Comma-separated values: text, and numbers where numbers are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from hormesis.corpus import ConceptConfig, SourceConfig, read_concept
from hormesis.errors import HormesisError
from tests.corpus.files import texts_of, written


def test_a_header_names_the_columns_and_quotes_hold_commas_and_lines(tmp_path: Path) -> None:
    data = '\ufefftext,label\n"the goose, grey",1\n"a\ndrum",0\n'.encode()
    file = written(tmp_path / "a.csv", data)
    assert texts_of(SourceConfig(path=str(file))) == ["the goose, grey", "a\ndrum"]
    assert read_concept(ConceptConfig(path=str(file), label="label")).labels.tolist() == [True, False]
    tabs = written(tmp_path / "b.tsv", b"text\tlabel\nthe goose, grey\tTRUE\na drum\tfalse\n")
    assert read_concept(ConceptConfig(path=str(tabs), label="label")).labels.tolist() == [True, False]


@pytest.mark.parametrize(
    ("row", "problem"), [(b"goose,drum,1", "3 fields, and the header 2"), (b"\xff,1", "not UTF-8")]
)
def test_a_bad_row_is_named_or_skipped(row: bytes, problem: str, tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", b"text,label\nfirst,0\n" + row + b"\nlast,1\n")
    with pytest.raises(HormesisError, match=rf"a\.csv:2: .*{problem}"):
        texts_of(SourceConfig(path=str(file)))
    assert texts_of(SourceConfig(path=str(file), undecodable="skip")) == ["first", "last"]


def test_a_file_that_is_cut_within_quotes_is_broken(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", b'text\ngoose\n"dru')
    with pytest.raises(HormesisError, match=r"a\.csv is broken after .*a\.csv:1"):
        texts_of(SourceConfig(path=str(file)))
