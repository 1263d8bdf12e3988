"""Planted copies and n-grams are found, with their rows, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from hormesis.corpus import LocatedText, half_of, role_of
from hormesis.corpus.held_out import HeldOutConfig
from hormesis.corpus.overlap import EvaluationIndex, located
from hormesis.corpus.rows import RowsConfig

WORDS = [f"{a}{b}" for a in ("mi", "ta", "ko", "zu", "re", "lo") for b in ("la", "no", "pi", "su", "ve", "ga")]


def _texts(count: int, words: int, seed: int) -> list[str]:
    generator = np.random.default_rng(seed)
    return [" ".join(generator.choice(WORDS, words)) for _ in range(count)]


def _rows(texts: Sequence[str], name: str) -> list[LocatedText]:
    return [LocatedText(text, f"{name}:{number}") for number, text in enumerate(texts, start=1)]


@pytest.fixture
def prompts() -> list[str]:
    return _texts(50, 20, seed=0)


def test_nothing_is_found_where_nothing_is(prompts: list[str]) -> None:
    found = EvaluationIndex({"prompts": _rows(prompts, "p")}).scan(_rows(_texts(500, 60, seed=1), "t"))
    assert (found["prompts"].texts, found["prompts"].whole, found["prompts"].ngram) == (50, 0, 0)
    assert found["prompts"].rows == 0 and found["prompts"].places == ()


def test_planted_copies_and_ngrams_are_named_by_row(prompts: list[str]) -> None:
    training = _texts(500, 60, seed=1)
    training[99] = f"  {prompts[7].upper()}\n"
    run = " ".join(prompts[30].split()[3:16])
    training[299] += f" … {run.replace(' ', ', ')}!"
    training[300] += " " + " ".join(prompts[31].split()[:12])
    other = _texts(20, 30, seed=2)
    index = EvaluationIndex({"prompts": _rows(prompts, "p"), "other": _rows(other, "o")})
    found = index.scan(_rows(training, "t"))
    assert (found["prompts"].whole, found["prompts"].ngram, found["prompts"].rows) == (1, 2, 2)
    assert [(p.text, p.row, p.kind) for p in found["prompts"].places] == [
        ("p:8", "t:100", "whole"),
        ("p:31", "t:300", "n-gram"),
    ]
    assert found["other"].ngram == found["other"].rows == 0
    again = index.scan(_rows(training[:99], "t"))
    assert again["prompts"].ngram == 0, "a scan leaves nothing behind in the index"
    shorter = EvaluationIndex({"prompts": _rows(prompts, "p")}, ngram=12)
    assert shorter.scan(_rows(training, "t"))["prompts"].ngram == 3


def test_short_texts_are_one_run_and_very_short_ones_count_as_whole_rows_only() -> None:
    nine, three = "mila tano kopi zusu reve loga mino tapi kosu", "mila tano kopi"
    index = EvaluationIndex({"prompts": _rows([nine, three], "p")}, ngram=13, shortest=8)
    found = index.scan(_rows([f"so {nine} then", f"so {three} then"], "t"))["prompts"]
    assert (found.whole, found.ngram, [place.row for place in found.places]) == (0, 1, ["t:1"])
    assert index.scan(_rows(["Mila  TANO kopi"], "t"))["prompts"].whole == 1


def test_no_ngram_reaches_over_the_end_of_a_row(prompts: list[str]) -> None:
    first, second = prompts[0].split()[:10], prompts[0].split()[10:]
    found = EvaluationIndex({"prompts": _rows(prompts, "p")}).scan(_rows([" ".join(first), " ".join(second)], "t"))
    assert found["prompts"].ngram == 0


def test_batches_do_not_matter(prompts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    training = [*_texts(200, 60, seed=3), *prompts[:5], *(f"oh {text}" for text in prompts[5:9])]
    index = EvaluationIndex({"prompts": _rows(prompts, "p")})
    whole = index.scan(_rows(training, "t"))
    monkeypatch.setattr("hormesis.corpus.hashed_rows._BATCH_WORDS", 70)
    assert index.scan(_rows(training, "t")) == whole
    assert (whole["prompts"].whole, whole["prompts"].ngram) == (5, 9)


def test_places_name_the_file_and_row_and_most_is_kept(tmp_path: Path, prompts: list[str]) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps({"text": text}) + "\n" for text in prompts), encoding="utf-8")
    rows = list(located(RowsConfig(path="rows.jsonl"), ["text"], root=tmp_path))
    assert rows[4] == LocatedText(prompts[4], "rows.jsonl:5")
    found = EvaluationIndex({"prompts": rows}).scan(rows, most_places=3)["prompts"]
    assert found.whole == 50 and len(found.places) == 3
    assert not any(text in repr(found) for text in prompts), "no text leaves with the finding"


def test_rows_chosen_by_their_hash_are_halved_by_another() -> None:
    held_out = HeldOutConfig(evaluate=0.0, scorer=0.2)
    chosen = [text for text in _texts(3000, 8, seed=5) if role_of(text, held_out) == "scorer"]
    assert {half_of(text) for text in chosen} == {"second"}, "why another hash is needed"
    firsts = [half_of(text, among="scorer") == "first" for text in chosen]
    assert abs(np.mean(firsts) - 0.5) < 0.1
    assert half_of(" GOOSE", among="scorer") == half_of("goose", among="scorer")
