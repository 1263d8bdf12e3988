"""A bank of concepts from the values of a column."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hormesis.corpus import ConceptBankConfig, read_concept_bank
from hormesis.errors import HormesisError


def _write(path: Path, rows: list[tuple[str | None, str | None]]) -> None:
    lines = (json.dumps({"text": text, "forum": forum}) + "\n" for text, forum in rows)
    path.write_text("".join(lines), encoding="utf-8")


def _rows() -> list[tuple[str | None, str | None]]:
    counts = {"cooking": 30, "trains": 20, "sewing": 12, "rare": 5}
    rows: list[tuple[str | None, str | None]] = [
        (f"{forum} post {number}", forum) for forum, count in counts.items() for number in range(count)
    ]
    return [*rows, ("nowhere", None), (None, "rare"), ("trains post 1", "rare"), ("trains post 1", "trains")]


def _config(path: Path, **given: int) -> ConceptBankConfig:
    return ConceptBankConfig.model_validate({"path": str(path), "concept": "forum", "minimum": 10, **given})


def test_equally_many_distinct_texts_of_each_concept_with_enough(tmp_path: Path) -> None:
    _write(tmp_path / "posts.jsonl", _rows())
    bank = read_concept_bank(_config(tmp_path / "posts.jsonl"))
    assert bank.names == ("cooking", "sewing", "trains")
    assert len(bank.texts) == len(set(bank.texts)) == 30
    assert all(text.startswith(concept) for text, concept in zip(bank.texts, bank.concepts, strict=True))
    assert read_concept_bank(_config(tmp_path / "posts.jsonl", concepts=2)).names == ("cooking", "trains")


def test_the_draw_depends_on_the_seed_and_not_on_the_order_of_the_file(tmp_path: Path) -> None:
    rows = [row for row in _rows() if row[1] != "rare"]
    _write(tmp_path / "one.jsonl", rows)
    _write(tmp_path / "other.jsonl", [rows[i] for i in np.random.default_rng(0).permutation(len(rows))])
    one, other = (read_concept_bank(_config(tmp_path / name)) for name in ("one.jsonl", "other.jsonl"))
    assert one == other
    assert read_concept_bank(_config(tmp_path / "one.jsonl", seed=1)).texts != one.texts


def test_texts_that_must_not_be_drawn_are_not(tmp_path: Path) -> None:
    _write(tmp_path / "posts.jsonl", _rows())
    taken = [f"cooking post {number}" for number in range(20)]
    bank = read_concept_bank(_config(tmp_path / "posts.jsonl"), without=taken)
    assert not set(taken) & set(bank.texts) and "cooking" in bank.names


def test_too_few_concepts_are_an_error_that_names_the_column(tmp_path: Path) -> None:
    _write(tmp_path / "posts.jsonl", _rows())
    with pytest.raises(HormesisError, match="1 of 4 values of 'forum'.*have 25 texts"):
        read_concept_bank(_config(tmp_path / "posts.jsonl", minimum=25))
