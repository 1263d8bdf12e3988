"""JSON lines: bounded memory."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

from hormesis.corpus import SourceConfig, read
from tests.corpus.files import json_lines, written


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
