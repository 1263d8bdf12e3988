"""Small sources, tokenizers and runs that the tests of this room share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from olmo_core.data.composable import InstanceSource
from olmo_core.data.composable.instance_source import Instance
from olmo_core.data.composable.source_abc import SourceABC
from safetensors.torch import load_file
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from hormesis.pretrain import Checkpoint, TrainingConfig, pretrain
from hormesis.pretrain.callbacks import TrainingProgress

VOCABULARY, LENGTH = 64, 32
CONFIG = TrainingConfig(
    preset="micro",
    sequence_length=LENGTH,
    batch_rows=8,
    learning_rate=5e-3,
    checkpoint_every=4,
    compile=False,
    threads=1,
)


class Rows(InstanceSource):
    """A matrix [rows, tokens] as an instance source."""

    def __init__(self, rows: np.ndarray, work: Path) -> None:
        super().__init__(work_dir=work, sequence_length=rows.shape[1])
        self.rows = rows

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.rows.tobytes()).hexdigest()

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, idx: int) -> Instance:
        return {"input_ids": self.rows[idx]}

    def children(self) -> Iterable[SourceABC]:
        return ()


def random_rows(count: int, seed: int = 0) -> np.ndarray:
    weights = 1 / np.arange(1, VOCABULARY + 1)
    generator = np.random.default_rng(seed)
    return generator.choice(VOCABULARY, size=(count, LENGTH), p=weights / weights.sum()).astype(np.uint16)


def make_tokenizer(folder: Path, vocabulary: int = VOCABULARY) -> Path:
    names = {"<|endoftext|>": 0, **{f"w{token}": token for token in range(1, vocabulary)}}
    tokenizer = Tokenizer(models.WordLevel(names, unk_token="<|endoftext|>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    end = "<|endoftext|>"
    wrapped = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, eos_token=end, bos_token=end, pad_token=end
    )
    wrapped.save_pretrained(folder)
    return folder


def weights_of(checkpoint: Checkpoint) -> dict[str, torch.Tensor]:
    return dict(load_file(checkpoint.folder / "model.safetensors"))


def same_bits(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


class Stop(Exception):
    """Raised by a progress callback to break off a training."""


def stop_after(step: int) -> Callable[[TrainingProgress], None]:
    def report(progress: TrainingProgress) -> None:
        if progress.step >= step:
            raise Stop

    return report


def train_random(folder: Path, steps: int, config: TrainingConfig = CONFIG) -> Checkpoint:
    """Trains on random rows; the tokenizer is made beside ``folder``. Also the target of child processes."""
    tokenizer = folder.parent / "tokenizer"
    if not tokenizer.is_dir():
        make_tokenizer(tokenizer)
    rows = Rows(random_rows(steps * config.batch_rows), folder.parent / "work")
    return pretrain(rows, tokenizer, config, folder, init_seed=1)
