from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from filelock import FileLock
from olmo_core.nn.hf import save_hf_model
from olmo_core.train.checkpoint import Checkpointer, CheckpointMetadata
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

from hormesis.errors import HormesisError
from hormesis.pretrain import Checkpoint, ExportError, TrainingProgress, export, pretrain, snapshots
from tests.pretrain.support import (
    CONFIG,
    LENGTH,
    Rows,
    Stop,
    make_tokenizer,
    random_rows,
    same_bits,
    stop_after,
    train_random,
    weights_of,
)

STEPS = 10


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return train_random(tmp_path_factory.mktemp("finished") / "run", STEPS)


def _run(tmp_path: Path) -> Path:
    make_tokenizer(tmp_path / "tokenizer")
    return tmp_path / "run"


def test_the_next_token_is_predicted_and_the_one_after_it_is_not(tmp_path: Path) -> None:
    # A model trained on labels that were shifted twice learns token t+2 (paper.md §7); its loss falls just as well.
    period = np.array([5, 9, 2, 7, 11, 3, 8])
    rows = np.stack([np.resize(np.roll(period, -start), LENGTH) for start in range(7)])
    mixture = Rows(np.tile(rows, (60, 1)).astype(np.uint16), tmp_path)
    checkpoint = pretrain(mixture, make_tokenizer(tmp_path / "t"), CONFIG, tmp_path / "run", init_seed=0)
    model = AutoModelForCausalLM.from_pretrained(checkpoint.folder)
    ids = torch.from_numpy(rows.astype(np.int64))
    with torch.no_grad():
        predicted = model(ids).logits.argmax(-1)
        loss = model(ids, labels=ids).loss.item()
    assert (predicted[:, 8:-1] == ids[:, 9:]).all()
    assert not (predicted[:, 8:-2] == ids[:, 10:]).any()
    assert loss < 0.5  # transformers shifts the labels itself
    assert abs(loss - checkpoint.provenance.final_loss) < 0.2


def test_the_folder_stands_alone(finished: Checkpoint) -> None:
    model = AutoModelForCausalLM.from_pretrained(finished.folder)
    tokenizer = AutoTokenizer.from_pretrained(finished.folder)
    assert type(model).__name__ == "Olmo2ForCausalLM"
    assert model.config.rope_parameters["rope_theta"] == 500_000
    assert model.config.rms_norm_eps == 1e-6
    assert model.config.eos_token_id == model.generation_config.eos_token_id == tokenizer.eos_token_id == 0
    assert model.config.max_position_embeddings == tokenizer.model_max_length == LENGTH
    text = pipeline("text-generation", model=str(finished.folder))("w3 w4", max_new_tokens=4)
    assert text[0]["generated_text"].startswith("w3 w4")


def test_models_are_kept_on_the_way_and_change_nothing(finished: Checkpoint, tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"snapshots": (0.0, 0.5)})
    checkpoint = train_random(tmp_path / "run", STEPS, config=config)
    kept = snapshots(tmp_path / "run")
    assert list(kept) == [0, STEPS // 2]
    assert same_bits(weights_of(checkpoint), weights_of(finished))
    losses = []
    ids = torch.from_numpy(random_rows(8).astype(np.int64))
    for folder in (*kept.values(), checkpoint.folder):
        model = AutoModelForCausalLM.from_pretrained(folder)
        with torch.no_grad():
            losses.append(model(ids, labels=ids).loss.item())
    assert losses[0] > max(losses[1:]) and len(set(losses)) == 3


def test_a_failure_while_a_model_is_kept_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = CONFIG.model_copy(update={"snapshots": (0.4,)})
    assert config.snapshot_steps(STEPS) == (config.checkpoint_every,), "a checkpoint is due at the same step"

    def full(*_arguments: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    with monkeypatch.context() as disk, pytest.raises(Exception, match="space"):
        disk.setattr("hormesis.pretrain.training.export", full)
        train_random(tmp_path / "run", STEPS, config=config)
    train_random(tmp_path / "run", STEPS, config=config)
    assert list(snapshots(tmp_path / "run")) == [4]


def test_provenance_and_loss_curve(finished: Checkpoint) -> None:
    lines = [json.loads(line) for line in (finished.folder.parent / "loss.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(1, STEPS + 1))
    assert lines[-1]["loss"] == finished.provenance.final_loss < lines[0]["loss"]
    assert finished.provenance.tokens == STEPS * CONFIG.batch_rows * LENGTH
    assert finished.provenance.parameters == sum(p.numel() for p in weights_of(finished).values())
    assert Checkpoint.open(finished.folder) == Checkpoint.open(finished.folder.parent) == finished


def test_a_finished_folder_is_returned_untouched(finished: Checkpoint) -> None:
    weights = finished.folder / "model.safetensors"
    before = weights.stat().st_mtime_ns
    assert train_random(finished.folder.parent, STEPS) == finished
    assert weights.stat().st_mtime_ns == before


@pytest.mark.parametrize("compiled", [False, True])
def test_an_interrupted_run_ends_with_the_same_bits(tmp_path: Path, compiled: bool, finished: Checkpoint) -> None:
    config = CONFIG.model_copy(update={"compile": compiled})
    whole = train_random(tmp_path / "whole", STEPS, config)
    rows = Rows(random_rows(STEPS * config.batch_rows), tmp_path)
    for step in (6, 10):
        with pytest.raises(Stop):
            pretrain(rows, tmp_path / "tokenizer", config, tmp_path / "parts", init_seed=1, progress=stop_after(step))
    parts = pretrain(rows, tmp_path / "tokenizer", config, tmp_path / "parts", init_seed=1)
    assert same_bits(weights_of(whole), weights_of(parts))
    assert (tmp_path / "whole/loss.jsonl").read_text() == (tmp_path / "parts/loss.jsonl").read_text()
    for name, weight in weights_of(finished).items():  # compiled code changes rounding only
        torch.testing.assert_close(weights_of(parts)[name], weight, rtol=1e-2, atol=2e-3)


def test_microbatches_change_rounding_only(tmp_path: Path, finished: Checkpoint) -> None:
    other = train_random(tmp_path / "run", STEPS, CONFIG.model_copy(update={"microbatch_rows": 2}))
    for name, weight in weights_of(finished).items():
        torch.testing.assert_close(weights_of(other)[name], weight, rtol=1e-2, atol=2e-3)


def test_initial_weights_depend_on_the_seed_alone(tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"learning_rate": 1e-30, "weight_decay": 0.0})
    tokenizer = make_tokenizer(tmp_path / "tokenizer")
    results = [
        weights_of(pretrain(Rows(random_rows(8, data), tmp_path), tokenizer, config, tmp_path / name, init_seed=seed))
        for name, data, seed in (("a", 0, 5), ("b", 1, 5), ("c", 0, 6))
    ]
    assert same_bits(results[0], results[1])
    assert not same_bits(results[0], results[2])


def test_a_damaged_checkpoint_is_passed_over(tmp_path: Path, finished: Checkpoint) -> None:
    folder = _run(tmp_path)
    rows = Rows(random_rows(STEPS * CONFIG.batch_rows), tmp_path)
    with pytest.raises(Stop):
        pretrain(rows, tmp_path / "tokenizer", CONFIG, folder, init_seed=1, progress=stop_after(10))
    newest = folder / "trainer/step8"
    shard = max((newest / "model_and_optim").glob("*.distcp"), key=lambda path: path.stat().st_size)
    shard.write_bytes(shard.read_bytes()[:-100] + bytes(100))
    kept = CONFIG.model_copy(update={"keep_trainer": True})
    resumed = pretrain(rows, tmp_path / "tokenizer", kept, folder, init_seed=1)
    assert (folder / "trainer/damaged-step8").is_dir()
    assert same_bits(weights_of(finished), weights_of(resumed))


def test_half_a_checkpoint_is_ignored(tmp_path: Path, finished: Checkpoint) -> None:
    folder = _run(tmp_path)
    rows = Rows(random_rows(STEPS * CONFIG.batch_rows), tmp_path)
    with pytest.raises(Stop):
        pretrain(rows, tmp_path / "tokenizer", CONFIG, folder, init_seed=1, progress=stop_after(10))
    (folder / "trainer/step8/.metadata.json").unlink()
    (folder / "trainer/step10-tmp/train").mkdir(parents=True)
    with (folder / "loss.jsonl").open("a") as file:
        file.write('{"step": 1')
    resumed = pretrain(rows, tmp_path / "tokenizer", CONFIG, folder, init_seed=1)
    assert same_bits(weights_of(finished), weights_of(resumed))
    assert not (folder / "trainer").exists(), "a finished model needs no trainer's state"


def test_damaged_weights_are_noticed(tmp_path: Path) -> None:
    checkpoint = train_random(tmp_path / "run", 1)
    weights = checkpoint.folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    with pytest.raises(HormesisError, match="damaged"):
        Checkpoint.open(tmp_path / "run")
    with pytest.raises(HormesisError, match="holds no finished model"):
        Checkpoint.open(tmp_path)


def test_another_training_in_the_folder_is_refused(finished: Checkpoint, tmp_path: Path) -> None:
    tokenizer, folder = make_tokenizer(tmp_path / "t"), finished.folder.parent
    with pytest.raises(HormesisError, match="another config, mixture, tokenizer or seed"):
        pretrain(Rows(random_rows(80), tmp_path), tokenizer, CONFIG, folder, init_seed=2)


def test_two_processes_do_not_train_in_one_folder(tmp_path: Path) -> None:
    folder = _run(tmp_path)
    folder.mkdir()
    with FileLock(folder / ".lock"), pytest.raises(HormesisError, match="another process"):
        pretrain(Rows(random_rows(8), tmp_path), tmp_path / "tokenizer", CONFIG, folder, init_seed=0)


def test_a_full_disk_is_explained_and_loses_nothing(
    tmp_path: Path, finished: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _run(tmp_path)
    rows = Rows(random_rows(STEPS * CONFIG.batch_rows), tmp_path)
    with monkeypatch.context() as patch:
        save = Checkpointer._save_metadata

        def full(self: Checkpointer, dir: str, metadata: CheckpointMetadata) -> None:
            if "step8" in str(dir):
                raise OSError(errno.ENOSPC, "No space left on device")
            save(self, dir, metadata)

        patch.setattr(Checkpointer, "_save_metadata", full)
        with pytest.raises(HormesisError, match="disk is full"):
            pretrain(rows, tmp_path / "tokenizer", CONFIG, folder, init_seed=1)
    resumed = pretrain(rows, tmp_path / "tokenizer", CONFIG, folder, init_seed=1)
    assert same_bits(weights_of(finished), weights_of(resumed))


def test_an_export_that_computes_something_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(folder: str, weights: dict[str, torch.Tensor], *args: Any, **kwargs: Any) -> None:
        save_hf_model(folder, {name: weight * 1.01 for name, weight in weights.items()}, *args, **kwargs)

    monkeypatch.setattr(export, "save_hf_model", wrong)
    with pytest.raises(ExportError, match="logits differ"):
        train_random(tmp_path / "run", 1)
    assert not (tmp_path / "run/model").exists()


def test_bad_rows_are_refused(tmp_path: Path) -> None:
    tokenizer = make_tokenizer(tmp_path / "tokenizer")

    def train(rows: np.ndarray, folder: Path = tokenizer) -> None:
        pretrain(Rows(rows, tmp_path), folder, CONFIG, tmp_path / "run", init_seed=0)

    with pytest.raises(HormesisError, match="rows have 16 tokens"):
        train(random_rows(8)[:, :16])
    with pytest.raises(HormesisError, match="7 rows, fewer than a batch of 8"):
        train(random_rows(7))
    with pytest.raises(HormesisError, match="does not exist"):
        train(random_rows(8), tmp_path / "nothing")
    with pytest.raises(HormesisError, match="token ids that the tokenizer lacks"):
        train(random_rows(8) + 60)


def test_progress_reaches_the_last_step(tmp_path: Path) -> None:
    reports: list[TrainingProgress] = []
    folder = _run(tmp_path)
    rows = Rows(random_rows(3 * 8 + 5), tmp_path)
    pretrain(rows, tmp_path / "tokenizer", CONFIG, folder, init_seed=0, progress=reports.append)
    assert (reports[-1].step, reports[-1].steps, reports[-1].tokens) == (3, 3, 3 * 8 * LENGTH)
    assert reports[-1].tokens_per_second > 0
