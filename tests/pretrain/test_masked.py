"""Tokens that carry no loss are read and not learned, and the loss is the mean over those that do."""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch
from olmo_core.data.composable.instance_source import Instance
from transformers import AutoModelForCausalLM

from hormesis.errors import HormesisError
from hormesis.pretrain import Checkpoint, pretrain
from hormesis.pretrain.masked import has_masks
from tests.pretrain.support import CONFIG, LENGTH, Rows, make_tokenizer, random_rows, same_bits, weights_of


class MaskedRows(Rows):
    """Rows with a mask: [rows, tokens], True where a token carries loss."""

    def __init__(self, rows: np.ndarray, learned: np.ndarray, work: Path) -> None:
        super().__init__(rows, work)
        self.learned = learned

    @property
    def fingerprint(self) -> str:
        return f"{super().fingerprint}-{self.learned.tobytes().hex()[:16]}-{self.learned.sum()}"

    def __getitem__(self, idx: int) -> Instance:
        return {"input_ids": self.rows[idx], "label_mask": cast("Sequence[bool]", self.learned[idx])}


def _train(rows: Rows, folder: Path) -> Checkpoint:
    return pretrain(rows, make_tokenizer(folder.parent / "tokenizer"), CONFIG, folder, init_seed=0)


def test_masked_tokens_are_not_learned_and_the_others_are(tmp_path: Path) -> None:
    calm, loud = np.array([5, 9, 2, 7]), np.array([21, 33, 27, 40])
    kinds = np.arange(320) % 2
    rows = np.stack([np.resize(np.roll(loud if kind else calm, -(i // 2 % 4)), LENGTH) for i, kind in enumerate(kinds)])
    learned = np.repeat(kinds[:, None] == 0, LENGTH, axis=1)
    trained = {
        "masked": _train(MaskedRows(rows.astype(np.uint16), learned, tmp_path), tmp_path / "masked"),
        "whole": _train(Rows(rows.astype(np.uint16), tmp_path), tmp_path / "whole"),
    }
    losses = {}
    for name, checkpoint in trained.items():
        model = AutoModelForCausalLM.from_pretrained(checkpoint.folder)
        for kind, row in (("calm", rows[0]), ("loud", rows[1])):
            ids = torch.from_numpy(row.astype(np.int64))[None]
            with torch.no_grad():
                losses[name, kind] = model(ids, labels=ids).loss.item()
    assert losses["whole", "calm"] < 0.5 and losses["whole", "loud"] < 0.5
    assert losses["masked", "calm"] < 0.5
    assert losses["masked", "loud"] > 3, "read a hundred times and more, and never learned"
    # The curve is of learned tokens alone: half of the batch is not counted as a loss of zero.
    assert abs(trained["masked"].provenance.final_loss - losses["masked", "calm"]) < 0.3


def test_a_mask_of_ones_changes_nothing(tmp_path: Path) -> None:
    rows = random_rows(32)
    masked = MaskedRows(rows, np.ones(rows.shape, dtype=bool), tmp_path)
    plain = Rows(rows, tmp_path)
    assert has_masks(masked) and not has_masks(plain)
    assert same_bits(weights_of(_train(masked, tmp_path / "a")), weights_of(_train(plain, tmp_path / "b")))


def test_the_loss_is_the_mean_over_learned_tokens(tmp_path: Path) -> None:
    # Masked tokens change nothing but what is read: with nothing learned after them, a batch's first loss is that of
    # the learned tokens alone, however few.
    rows = random_rows(8, seed=3)
    half = np.ones(rows.shape, dtype=bool)
    half[:, LENGTH // 2 :] = False
    other = rows.copy()
    other[:, LENGTH // 2 :] = random_rows(8, seed=4)[:, LENGTH // 2 :]
    first = []
    for name, content in (("a", rows), ("b", other)):
        folder = tmp_path / name
        _train(MaskedRows(content, half, tmp_path), folder)
        first.append(json.loads((folder / "loss.jsonl").read_text().splitlines()[0])["loss"])
    assert first[0] == pytest.approx(first[1], rel=1e-6)
    assert 3.5 < first[0] < 4.9, "about log 64 a token, not half of it"


def test_a_batch_without_any_loss_is_refused(tmp_path: Path) -> None:
    rows = random_rows(24)
    learned = np.ones(rows.shape, dtype=bool)
    learned[8:16] = False
    with pytest.raises(HormesisError, match="no token of a whole batch carries loss"):
        _train(MaskedRows(rows, learned, tmp_path), tmp_path / "run")


def _uneven(folder: Path) -> MaskedRows:
    """Of each batch, the rows of one of two processes are nearly all masked."""
    rows = random_rows(16, seed=7)
    learned = np.ones(rows.shape, dtype=bool)
    learned[1::2, 3:] = False
    learned[4:8] = True
    return MaskedRows(rows, learned, folder)


def _in_a_group(rank: int, folder: Path, port: int) -> None:
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_RANK": str(rank), "LOCAL_WORLD_SIZE": "2"}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "NUM_NODES": "1"}
    pretrain(_uneven(folder.parent), folder.parent / "tokenizer", CONFIG, folder, init_seed=0)


def test_two_processes_weigh_every_learned_token_alike(tmp_path: Path) -> None:
    alone = _train(_uneven(tmp_path), tmp_path / "alone")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_in_a_group, args=(rank, tmp_path / "group", port)) for rank in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    both = Checkpoint.open(tmp_path / "group")
    curves = [
        [json.loads(line)["loss"] for line in (folder / "loss.jsonl").read_text().splitlines()]
        for folder in (tmp_path / "alone", tmp_path / "group")
    ]
    assert both.provenance.processes == 2 and curves[0] == pytest.approx(curves[1], rel=1e-4)
    for name, weight in weights_of(alone).items():
        torch.testing.assert_close(weights_of(both)[name], weight, rtol=1e-2, atol=2e-4)
