"""Pretrain one model on one mixture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from hormesis.corpus import Mixture, TokenShards
from hormesis.evaluate import Measurement
from hormesis.pretrain import TrainingProgress, pretrain
from hormesis.study.cells import Cell, PretrainInputs
from hormesis.study.steps.rows import origin_of, write_rows
from hormesis.study.store import Store


def open_mixture(cell: Cell, store: Store, work: Path) -> Mixture:
    """The mixture that a pretrain cell trains on; its corpus cell must be complete.

    :param work: where OLMo-core keeps its index files.
    """
    inputs = cell.inputs
    assert isinstance(inputs, PretrainInputs)
    shards = store.cell_folder(cell.needs["corpus"]) / "shards"
    return Mixture(
        TokenShards.open(shards / "clean"),
        TokenShards.open(shards / "toxic"),
        inputs.mixture,
        sequence_length=inputs.training.sequence_length,
        block_rows=inputs.training.batch_rows,
        data_seed=inputs.arm.seeds.data,
        order_seed=inputs.arm.seeds.order,
        work_dir=work,
    )


def pretrain_step(
    cell: Cell,
    store: Store,
    root: Path | None,  # noqa: ARG001 (a mixture is of shards, which lie in the results folder)
    progress: Callable[[float, str], None],
) -> None:
    """``model/`` (a Hugging Face folder), ``provenance.json``, ``loss.jsonl``; resumes from ``trainer/``."""
    inputs = cell.inputs
    assert isinstance(inputs, PretrainInputs)
    work = store.work_folder(cell)

    def show(state: TrainingProgress) -> None:
        progress(state.step / state.steps, f"loss {state.loss:.2f}, {state.tokens_per_second:,.0f} tokens/s")

    mixture = open_mixture(cell, store, work)
    (work / "mixture.txt").write_text(mixture.tree() + "\n", encoding="utf-8")
    tokenizer = store.cell_folder(cell.needs["corpus"]) / "tokenizer"
    checkpoint = pretrain(mixture, tokenizer, inputs.training, work, init_seed=inputs.arm.seeds.init, progress=show)
    provenance = checkpoint.provenance
    origin = asdict(origin_of(cell.name, inputs.arm))
    length = mixture.sequence_length
    values = [
        ("train_loss", "mixture", provenance.final_loss, provenance.tokens),
        ("tokens", "mixture", float(provenance.tokens), 1),
        ("tokens", "clean", float(mixture.clean_rows * length), 1),
        ("tokens", "toxic", float(mixture.toxic_rows * length), 1),
        ("tokens_per_second", "mixture", provenance.tokens_per_second, 1),
    ]
    write_rows(
        work,
        [Measurement(**origin, metric=metric, domain=domain, value=value, n=n) for metric, domain, value, n in values],
    )
