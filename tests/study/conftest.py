"""A study that is small enough to run in a test."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from benchmarks.tiny_study import TINY_STUDY as TINY_STUDY
from hormesis.study.config import StudyConfig, parse_study


@pytest.fixture(scope="session")
def tiny_text() -> str:
    return yaml.safe_dump(TINY_STUDY)


@pytest.fixture(scope="session")
def tiny_study(tiny_text: str) -> StudyConfig:
    return parse_study(tiny_text, where="tiny")


@pytest.fixture
def forum_like(tmp_path: Path) -> tuple[StudyConfig, Path]:
    """A study of files, with its data folder."""
    (tmp_path / "clean.jsonl").write_text('{"text": "a calm sentence"}\n', encoding="utf-8")
    (tmp_path / "toxic.jsonl").write_text('{"text": "you silly goose"}\n', encoding="utf-8")
    values = TINY_STUDY | {
        "corpus": {"source": "files", "clean": {"path": "clean.jsonl"}, "toxic": {"path": "toxic.jsonl"}},
        "held_out": {"evaluate": 0.05, "scorer": 0.1},
        "concept": {"path": "toxic.jsonl", "label": "label"},
        "evaluation": {
            "prompts": {"mild": {"path": "clean.jsonl", "column": "text"}},
            "scorer": {"kind": "ngram"},
        },
    }
    return parse_study(yaml.safe_dump(values), where="forum-like"), tmp_path
