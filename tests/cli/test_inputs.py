"""What a user types for data: files, names, and fields in braces, as a study's YAML has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hormesis.cli import inputs
from hormesis.errors import HormesisError


def lines(path: Path, *rows: dict[str, object]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_a_path_may_hold_an_equals_sign(tmp_path: Path) -> None:
    lines(tmp_path / "lang=en" / "a.jsonl", {"text": "the goose"})
    for name, domain in (("lang=en/a.jsonl", "a"), ("wiki=lang=en/a.jsonl", "wiki")):
        assert inputs.documents([name], tmp_path, 5) == {domain: ["the goose"]}
    with pytest.raises(HormesisError, match="there is no file b.jsonl"):
        inputs.documents(["wiki=b.jsonl"], tmp_path, 5)


def test_braces_say_what_the_yaml_of_a_study_says(tmp_path: Path) -> None:
    lines(tmp_path / "a.jsonl", {"words": "the goose", "kind": "hate"}, {"words": "a drum", "kind": "fine"})
    (tmp_path / "a.jsonl").write_bytes((tmp_path / "a.jsonl").read_bytes() + b"no json\n")
    found = inputs.documents(["songs={path: a.jsonl, column: words, undecodable: skip}"], tmp_path, 5)
    assert found == {"songs": ["the goose", "a drum"]}
    concept = inputs.concept(
        "{path: a.jsonl, column: words, label: kind, toxic_values: [hate], undecodable: skip}",
        tmp_path, text=None, label=None, threshold=None, group=None, limit=None,
    )  # fmt: skip
    assert concept.labels.tolist() == [True, False]
    pairs = inputs.pairs("{path: a.jsonl, chosen: words, rejected: kind, undecodable: skip}", tmp_path, None)
    assert pairs[0].chosen == "the goose"
    for wrong in ("{", "{1: 2}", "{path: [}"):
        with pytest.raises(HormesisError, match="write {path: FILE, column: NAME}"):
            inputs.place(wrong, tmp_path)


def test_prompts_are_read_as_they_were_published_and_flat(tmp_path: Path) -> None:
    scores = [0.1, 0.9] * 6
    nested: list[dict[str, object]] = []
    texts = [f"honk {place}" for place in range(12)]
    lines(tmp_path / "flat.jsonl", *({"prompt": t, "prompt_toxicity": s} for t, s in zip(texts, scores, strict=True)))
    for text, score in zip(texts, scores, strict=True):
        nested.append({"prompt": {"text": text, "toxicity": score}})
    lines(tmp_path / "nested.jsonl", *nested)
    flat, records = (inputs.rtp_prompts(f"{name}.jsonl", tmp_path, 2) for name in ("flat", "nested"))
    assert flat == records and len(flat) == 2
    columns = "{path: flat.jsonl, column: prompt, score: prompt_toxicity, half: null, limit: 4}"
    assert len(inputs.rtp_prompts(columns, tmp_path, 2)) == 4


@pytest.mark.parametrize("name", ["", "~nouser/x.jsonl", "a\x00b", "[bold]", "absent.jsonl"])
def test_what_is_no_file_is_said(name: str, tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="there is no file|names the home of nobody"):
        inputs.place(name, tmp_path)
