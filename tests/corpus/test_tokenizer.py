"""Tokenizers: deterministic, lossless, and known by a hash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hormesis.corpus import load_tokenizer, tokenizer_hash, train_tokenizer
from hormesis.corpus.tokenizer import LONGEST_WORD, _bounded
from hormesis.errors import HormesisError
from tests.corpus.conftest import invented


def test_the_same_texts_give_the_same_tokenizer(tokenizer_folder: Path, tmp_path: Path) -> None:
    again = train_tokenizer(iter(invented(300)), 300, tmp_path / "again")
    assert (again / "tokenizer.json").read_bytes() == (tokenizer_folder / "tokenizer.json").read_bytes()
    other = train_tokenizer(invented(300, seed=1), 290, tmp_path / "other")
    hashes = [tokenizer_hash(load_tokenizer(folder)) for folder in (tokenizer_folder, again, other)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_special_tokens(tokenizer_folder: Path) -> None:
    tokenizer = load_tokenizer(tokenizer_folder)
    assert len(tokenizer) == 300
    assert tokenizer.eos_token_id == tokenizer.bos_token_id == 0
    assert tokenizer.pad_token_id == 1


def test_every_text_decodes_to_itself(tokenizer_folder: Path) -> None:
    tokenizer = load_tokenizer(tokenizer_folder)

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def check(text: str) -> None:
        assert tokenizer.decode(tokenizer(text, split_special_tokens=True).input_ids) == text

    check()


def test_the_hash_survives_use_and_saving(tokenizer_folder: Path, tmp_path: Path) -> None:
    tokenizer = load_tokenizer(tokenizer_folder)
    before = tokenizer_hash(tokenizer)
    tokenizer(["goose", "the grey goose"], padding=True, truncation=True, max_length=2)
    tokenizer.save_pretrained(str(tmp_path))
    assert tokenizer_hash(tokenizer) == tokenizer_hash(load_tokenizer(tmp_path)) == before


def test_too_small_a_vocabulary_and_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="no room for the 256 bytes"):
        train_tokenizer(invented(3), 100, tmp_path / "small")
    with pytest.raises(HormesisError, match="no text to train"):
        train_tokenizer([], 300, tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_folders_without_a_tokenizer_are_named(tokenizer_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="absent does not exist"):
        load_tokenizer(tmp_path / "absent")
    with pytest.raises(HormesisError, match="the tokenizer .* cannot be read"):
        load_tokenizer(tmp_path)
    config = json.loads((tokenizer_folder / "tokenizer_config.json").read_text())
    del config["eos_token"]
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    (tmp_path / "tokenizer.json").write_bytes((tokenizer_folder / "tokenizer.json").read_bytes())
    with pytest.raises(HormesisError, match="no end-of-text token"):
        load_tokenizer(tmp_path)


def test_a_very_long_word_counts_as_several_and_others_as_ever(tmp_path: Path) -> None:
    texts = [f"{text} {'x' * 900} {'-' * 900}" for text in invented(50)]
    assert [part for text in texts for part in _bounded(text)] == texts
    long = "the " + "honk" * 50_000 + " goose"
    parts = list(_bounded(long))
    assert "".join(parts) == long and max(len(word) for part in parts for word in part.split()) == LONGEST_WORD
    tokenizer = load_tokenizer(train_tokenizer([long, *texts], 300, tmp_path / "trained"))
    assert tokenizer.decode(tokenizer(long).input_ids) == long


def test_a_vocabulary_that_cannot_be_held_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="vocabulary of 1,000,000,000,000"):
        train_tokenizer(["goose"], 10**12, tmp_path / "trained")
