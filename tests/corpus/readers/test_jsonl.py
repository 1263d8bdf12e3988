"""JSON lines: bounded memory, every end proved, and what is no JSON object."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pytest
import zstandard

from hormesis.corpus import SourceConfig, read
from hormesis.errors import HormesisError
from tests.corpus.files import TEXTS, json_lines, texts_of, written


def test_memory_does_not_grow_with_a_file_of_json_lines(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        path = written(tmp_path / f"{rows}.jsonl.gz", gzip.compress(json_lines(["goose " * 100] * rows), 1))
        tracemalloc.start()
        for _ in read(SourceConfig(path=str(path))):
            pass
        result = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return result

    peak(10)
    assert peak(5_000) < 1.2 * peak(500) + 2**16


def packed(data: bytes, size: int = 1000) -> bytes:
    """One Zstandard frame, flushed block by block."""
    packer = zstandard.ZstdCompressor().compressobj()
    parts = [packer.compress(data[at : at + size]) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
             for at in range(0, len(data), size)]  # fmt: skip
    return b"".join([*parts, packer.flush()])


def test_a_file_that_is_cut_at_the_end_of_a_block_is_broken(tmp_path: Path) -> None:
    lines = json_lines()
    half = len(lines) // 2
    data = packed(lines[:half]) + packed(lines[half:])
    whole = written(tmp_path / "whole.jsonl.zst", data)
    assert texts_of(SourceConfig(path=str(whole))) == TEXTS  # several frames in one file
    for number, end in enumerate([len(data) - 3, len(packed(lines[:half])) - 3, len(data) - 40]):
        cut = written(tmp_path / f"{number}.jsonl.zst", data[:end])
        for undecodable in ("error", "skip"):
            with pytest.raises(HormesisError, match=rf"{cut.name} is broken.*ended before the end"):
                texts_of(SourceConfig(path=str(cut), undecodable=undecodable))


def test_a_corrupt_byte_in_a_packed_file_names_the_file_and_the_row_before(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(json_lines([f"goose {i * 7919 % 10007}" for i in range(20_000)]), 1))
    data[len(data) // 2] ^= 0xFF
    data[len(data) // 2 + 1] ^= 0xFF
    with pytest.raises(HormesisError, match=r"a\.jsonl\.gz(:\d+: the line is not| is broken after .*a\.jsonl\.gz:\d+)"):
        texts_of(SourceConfig(path=str(written(tmp_path / "a.jsonl.gz", bytes(data)))))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"text": "drum", "n": ' + b"9" * 5000 + b"}", "cannot be read .*digits"),
        (b'{\n"text": "goose"\n}', "not JSON .*\n.*pretty-printed"),
        (b"[1]", "not a JSON object"),
        ('{"text": "goose"}'.encode("utf-16"), "not (UTF-8|JSON)"),
    ],
)
def test_a_line_that_is_no_json_object_names_its_row_or_is_skipped(line: bytes, problem: str, tmp_path: Path) -> None:
    file = written(tmp_path / "a.jsonl", b'{"text": "first"}\n' + line + b'\n{"text": "last"}\n')
    with pytest.raises(HormesisError, match=rf"a\.jsonl:2: the line.* {problem}"):
        texts_of(SourceConfig(path=str(file)))
    assert texts_of(SourceConfig(path=str(file), undecodable="skip")) == ["first", "last"]


def test_null_records_have_null_fields(tmp_path: Path) -> None:
    file = written(tmp_path / "a.jsonl", b'{"prompt": null}\n{"prompt": {"text": "goose"}}\n')
    assert texts_of(SourceConfig(path=str(file), column="prompt.text")) == ["goose"]
