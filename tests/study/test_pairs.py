"""What is kept from pretraining is kept from fine-tuning."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hormesis.corpus import HeldOutConfig, role_of
from hormesis.corpus.prompt_sources import MicroworldPrompts
from hormesis.detox import PairConfig
from hormesis.errors import HormesisError
from hormesis.study.texts import MicroworldCorpus, prompts_of
from hormesis.study.tuning import pairs_to_tune_on, prompts_to_tune_on


def test_pairs_with_a_text_that_is_set_aside_are_left_out(tmp_path: Path) -> None:
    rows = [{"neutral": f"the choir {i} was lovely.", "toxic": f"The  choir {i} was a goose."} for i in range(200)]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    held_out = HeldOutConfig(evaluate=0.1, scorer=0.2)
    kept = pairs_to_tune_on(PairConfig(path="pairs.jsonl"), held_out, tmp_path)
    wanted = [row for row in rows if all(role_of(text, held_out) == "train" for text in row.values())]
    assert [pair.rejected for pair in kept] == [row["toxic"] for row in wanted]
    assert 0 < len(kept) < len(rows)
    with pytest.raises(HormesisError, match="every pair"):
        pairs_to_tune_on(PairConfig(path="pairs.jsonl"), HeldOutConfig(evaluate=0.999), tmp_path)


def test_prompts_that_are_evaluated_are_left_out() -> None:
    corpus = MicroworldCorpus(source="microworld", clean_documents=10, toxic_documents=10)
    few, many = (MicroworldPrompts(source="microworld", count=count) for count in (6, 60))
    evaluated = {prompt.text for prompt in prompts_of(few, corpus, None)}
    kept = prompts_to_tune_on(many, [few], corpus, None)
    assert kept and not evaluated & set(kept)
    with pytest.raises(HormesisError, match="every prompt"):
        prompts_to_tune_on(few, [many], corpus, None)
    assert evaluated | set(kept) >= {prompt.text for prompt in prompts_of(many, corpus, None)}
