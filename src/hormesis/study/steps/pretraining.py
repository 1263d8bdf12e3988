"""Pretrain one model on one mixture."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from hormesis.corpus import Cooldown, Mixture, TokenShards
from hormesis.evaluate import Measurement
from hormesis.pretrain import TrainingProgress, pretrain
from hormesis.study.cells import Cell, PretrainInputs, RecipeInputs
from hormesis.study.steps.recipes import KEPT_FILE
from hormesis.study.steps.rows import origin_of, write_rows
from hormesis.study.store import Store


def open_mixture(cell: Cell, store: Store, work: Path) -> Mixture:
    """The mixture that a pretrain cell trains on; its corpus cell must be complete, and its recipe cell if it has one.

    :param work: where OLMo-core keeps its index files.
    """
    inputs = cell.inputs
    assert isinstance(inputs, PretrainInputs)
    corpus = store.cell_folder(cell.needs["corpus"])
    recipe = cell.needs.get("recipe")
    own = None if recipe is None else store.cell_folder(recipe)
    config, cooldown = inputs.mixture, None

    def shards(part: str) -> TokenShards:
        folder = Path("shards") / part
        return TokenShards.open((own if own is not None and (own / folder).is_dir() else corpus) / folder)

    if recipe is not None and own is not None:
        assert isinstance(recipe.inputs, RecipeInputs)
        kept = json.loads((own / KEPT_FILE).read_text(encoding="utf-8"))
        config = config.model_copy(update={"toxic_kept": float(kept.get("toxic", 1.0))})
        transform = recipe.inputs.transform
        if transform is not None and transform.cooldown_fraction:
            clean, toxic = (TokenShards.open(own / "untagged" / part) for part in ("clean", "toxic"))
            cooldown = Cooldown(clean, toxic, transform.cooldown_fraction)
    return Mixture(
        shards("clean"),
        shards("toxic"),
        config,
        sequence_length=inputs.training.sequence_length,
        block_rows=inputs.training.batch_rows,
        data_seed=inputs.arm.seeds.data,
        order_seed=inputs.arm.seeds.order,
        work_dir=work,
        cooldown=cooldown,
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
