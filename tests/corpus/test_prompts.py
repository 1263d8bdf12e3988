"""Prompts: toxic by score or by kind, drawn by a seed, balanced if asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hormesis.corpus import Prompt, PromptConfig, read_prompts
from hormesis.errors import HormesisError
from tests.corpus.conftest import invented


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        {
            "prompt": {"text": text, "toxicity": None if i == 0 else i / 40},
            "kind": "hate" if i % 4 == 0 else "neutral",
            "group": f"group {i % 3}",
        }
        for i, text in enumerate(invented(40))
    ]
    (tmp_path / "prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_toxic_by_score_in_the_layout_of_rtp(folder: Path) -> None:
    prompts = read_prompts(PromptConfig(path="prompts.jsonl", column="prompt.text", score="prompt.toxicity"), folder)
    assert prompts[0] == Prompt(invented(40)[0], None, "all")
    assert [prompt.toxic for prompt in prompts[1:]] == [i / 40 >= 0.5 for i in range(1, 40)]
    config = PromptConfig(dataset="rtp")
    assert (config.column, config.score) == ("prompt.text", "prompt.toxicity")


def test_toxic_by_kind_with_groups_balanced_and_seeded(folder: Path) -> None:
    config = PromptConfig(
        path="prompts.jsonl", column="prompt.text", kind="kind", group="group", limit=12, balanced=True
    )
    prompts = read_prompts(config, folder)
    assert [prompt.toxic for prompt in prompts].count(True) == 6 == len(prompts) / 2
    assert {prompt.group for prompt in prompts} <= {"group 0", "group 1", "group 2"}
    assert prompts == read_prompts(config, folder)
    assert prompts != read_prompts(config.model_copy(update={"seed": 1}), folder)
    order = [invented(40).index(prompt.text) for prompt in prompts]
    assert order == sorted(order)


def test_without_score_or_kind_nothing_is_known(folder: Path) -> None:
    prompts = read_prompts(PromptConfig(path="prompts.jsonl", column="prompt.text", limit=5), folder)
    assert len(prompts) == 5 and {prompt.toxic for prompt in prompts} == {None}


def test_what_cannot_be_balanced_is_named(folder: Path) -> None:
    config = PromptConfig(path="prompts.jsonl", column="prompt.text", balanced=True)
    with pytest.raises(HormesisError, match="need to know which are toxic"):
        read_prompts(config, folder)
    with pytest.raises(HormesisError, match="10 toxic and 30 other prompts, not 11 of each"):
        read_prompts(config.model_copy(update={"kind": "kind", "limit": 22}), folder)
