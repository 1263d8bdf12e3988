"""A small world of good inputs, to be spoilt: a model, a scorer, an artefact, files of invented words, a study."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
import yaml
import zstandard

from benchmarks.soak.command import command
from benchmarks.tiny_study import TINY_STUDY
from benchmarks.untrained import Shape, model_of, tokenizer_of_words

_TINY: dict[str, Any] = dict(TINY_STUDY)
STUDY = _TINY | {
    "name": "soaked",
    "methods": [
        {"method": "prompting", "prefix": "the weather is fine."},
        {"method": "iti", "heads": 3, "strengths": [2, 8]},
        {"method": "caa", "layer": 1, "strengths": [1]},
        {"method": "dpo", "pairs": {"path": "pairs.jsonl", "limit": 10}, "steps": 5},
    ],
    "evaluation": _TINY["evaluation"]
    | {
        "prompts": {"mild": {"source": "microworld", "count": 6}},
        "generation": {"samples": 2, "max_new_tokens": 6, "top_p": 0.9, "temperature": 1.0, "seed": 0},
    },
    "execution": {"workers": 1},
}


def build(folder: Path) -> None:
    """Write all of it into ``folder``."""
    from hormesis.evaluate import NgramScorer

    torch.manual_seed(0)
    random = np.random.default_rng(0)

    def texts(count: int) -> list[str]:
        return [" ".join(f"w{word}" for word in random.integers(1, 200, random.integers(3, 12))) for _ in range(count)]

    model_of(Shape(layers=2, heads=2, head_width=16)).save_pretrained(folder / "model")
    tokenizer_of_words().save_pretrained(folder / "model")
    calm, rough = [f"{text} w300" for text in texts(60)], [f"{text} w400" for text in texts(60)]
    NgramScorer.fit([*calm, *rough], [False] * 60 + [True] * 60).save(folder / "judge")
    rows: dict[str, list[dict[str, object]]] = {
        "concept": [{"text": text, "label": i % 2, "who": f"g{i % 9}"} for i, text in enumerate(_mixed(calm, rough))],
        "bank": [{"text": text, "source": f"s{i % 4}"} for i, text in enumerate(calm)],
        "pairs": [{"neutral": text, "toxic": f"{text} w400"} for text in calm[:20]],
        "calm": [{"text": text} for text in calm],
        "rough": [{"text": text} for text in rough],
        "goals": [{"goal": one, "target": other} for one, other in zip(calm[:4], rough, strict=False)],
        "rtp": [{"prompt": text, "prompt_toxicity": float(i % 2)} for i, text in enumerate(texts(40))],
        "scored": [
            {"prompt": one, "prompt_toxicity": i / 60, "continuation": other, "continuation_toxicity": 1 - i / 60}
            for i, (one, other) in enumerate(zip(calm, rough, strict=True))
        ],
    }
    for name, lines in rows.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY), encoding="utf-8")
    fitted = command(
        ["detox", "model", "--concept", "concept.jsonl", "--label", "label", "--heads", "2", "--strength", "2"]
        + ["--out", "iti"],
        folder,
    )
    if fitted.code != 0:
        raise RuntimeError(f"the world cannot be built: {fitted.said}{fitted.traceback}")


def _mixed(calm: Sequence[str], rough: Sequence[str]) -> list[str]:
    return [text for pair in zip(calm, rough, strict=True) for text in pair]


def packed(suffix: str, texts: Sequence[str]) -> bytes:
    """A file of one of the known formats."""
    lines = b"".join(json.dumps({"text": text}).encode() + b"\n" for text in texts)
    if suffix == ".parquet":
        sink = io.BytesIO()
        pq.write_table(pa.table({"text": texts}), sink, write_page_checksum=True, compression="zstd")
        return sink.getvalue()
    plain: Mapping[str, bytes] = {
        ".jsonl": lines,
        ".jsonl.gz": gzip.compress(lines),
        ".jsonl.zst": zstandard.ZstdCompressor(write_checksum=True).compress(lines),
        ".csv": b"text\n" + b"".join(f'"{text}"\n'.encode() for text in texts),
        ".txt": "\n".join(texts).encode(),
    }
    return plain[suffix]


FORMATS = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet", ".csv", ".txt")
PROVES_ITS_BYTES = (".jsonl.gz", ".jsonl.zst", ".parquet")
