"""A folder with a tiny model, and files of mild, invented text beside it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.evaluate.tiny import invented_texts, tiny_model, tiny_tokenizer


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    tiny_model(context=96).save_pretrained(folder / "model")
    tiny_tokenizer().save_pretrained(folder / "model")
    random = np.random.default_rng(0)
    # None twice: copies in several groups would be refused.
    calm, rough = (list(dict.fromkeys(invented_texts(300, seed=seed)))[:120] for seed in (5, 6))
    labelled = [(f"{text} koko", 0) for text in calm] + [(f"{text} zuzu", 1) for text in rough]
    _write(
        folder / "concept.jsonl",
        [
            {"text": text, "label": label, "who": f"group {random.integers(20)}"}
            for text, label in [labelled[i] for i in random.permutation(len(labelled))]
        ],
    )
    _write(folder / "pairs.jsonl", [{"neutral": text, "toxic": f"{text} zuzu"} for text in calm[:20]])
    _write(folder / "calm.jsonl", [{"text": text} for text in calm])
    _write(folder / "rough.jsonl", [{"text": f"{text} zuzu"} for text in rough])
    _write(
        folder / "rtp.jsonl",
        [{"prompt": text, "prompt_toxicity": float(i % 2)} for i, text in enumerate(invented_texts(80, seed=3))],
    )
    _write(
        folder / "toxigen.jsonl",
        [
            {"prompt": text, "kind": ("hate", "neutral")[i % 2], "group": f"g{i % 3}"}
            for i, text in enumerate(invented_texts(12, seed=4))
        ],
    )
    return folder


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
