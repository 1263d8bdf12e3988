"""Small sources, made from invented words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hormesis.corpus import Document, TokenShards, train_tokenizer
from hormesis.files import file_hash, write_json

WORDS = ["goose", "river", "meadow", "drum", "song", "anna", "crossed", "heard", "near", "the", "a", "grey"]


def invented(number: int, seed: int = 0) -> list[str]:
    """``number`` texts of 3 to 19 words."""
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, size=int(rng.integers(3, 20)))) for _ in range(number)]


def documents(number: int, seed: int = 0, source: str = "invented") -> list[Document]:
    return [Document(text, source) for text in invented(number, seed)]


@pytest.fixture(scope="session")
def tokenizer_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tokenizer(invented(300), 300, tmp_path_factory.mktemp("tokenizer") / "trained")


def counting_shards(folder: Path, name: str, start: int, tokens: int, tokenizer: str = "same") -> TokenShards:
    """Shards whose i-th token is ``start + i``, so that every row is recognised by its first token."""
    folder.mkdir(parents=True)
    path = folder / "tokens-00000.npy"
    np.arange(start, start + tokens, dtype=np.uint32).tofile(path)
    write_json(
        folder / "manifest.json",
        {
            "format": 1,
            "name": name,
            "documents": 1,
            "tokens": tokens,
            "text_bytes": tokens,
            "tokenizer_hash": tokenizer,
            "vocabulary": 2**31,
            "end_of_text": 0,
            "dtype": "uint32",
            "shards": [{"file": path.name, "tokens": tokens, "sha256": file_hash(path)}],
            "fingerprint": file_hash(path),
        },
    )
    return TokenShards.open(folder)


@pytest.fixture(scope="session")
def make_shards(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TokenShards]:
    def make(name: str, start: int, tokens: int, tokenizer: str = "same") -> TokenShards:
        return counting_shards(tmp_path_factory.mktemp("shards") / name, name, start, tokens, tokenizer)

    return make
