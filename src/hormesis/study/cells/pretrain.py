"""Pretrain one model on one mixture."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from hormesis.corpus import MixtureConfig
from hormesis.corpus.mixture_config import apportion
from hormesis.corpus.recipes import RECIPES
from hormesis.errors import HormesisError
from hormesis.measurements import Measurement
from hormesis.pretrain import TrainingConfig, shape_hash
from hormesis.report.words import share_in_words
from hormesis.study.arms import Arm
from hormesis.study.cells.corpus import CorpusInputs
from hormesis.study.cells.recipe import KEPT_FILE, RecipeInputs, recipe_cell
from hormesis.study.engine.cell import Cell, Inputs
from hormesis.study.engine.kind import Job, Kind, kind
from hormesis.study.rows import origin_of, write_rows

if TYPE_CHECKING:
    from hormesis.corpus import Mixture, TokenShards
    from hormesis.models import LanguageModel
    from hormesis.pretrain import TrainingProgress
    from hormesis.study.engine.cost import CellEstimate, Pricing
    from hormesis.study.engine.store import Store
    from hormesis.study.plan import Plan, PlannedArm, Planning


Precision = Literal["float32", "bfloat16"]
"""Of a model that is measured, whatever it was trained in."""


class PretrainInputs(Inputs):
    """What decides a model."""

    kind: ClassVar[str] = "pretrain"
    arm: Arm
    mixture: MixtureConfig
    training: TrainingConfig
    shape: str
    """The hash of what the preset's name stands for (:func:`hormesis.pretrain.shape_hash`)."""


@kind
class PretrainKind(Kind[PretrainInputs]):
    """``model/`` (a Hugging Face folder), ``provenance.json``, ``loss.jsonl``; resumes from ``trainer/``."""

    inputs = PretrainInputs
    after = ("corpus", "recipe")
    resumes = True

    def plan_arm(self, planning: Planning, arm: PlannedArm) -> Iterator[Cell[PretrainInputs]]:
        """One a model."""
        training = planning.config.training
        if arm.recipe is not None and arm.recipe.learning_rate is not None:
            training = training.model_copy(update={"learning_rate": arm.recipe.learning_rate})
        needs: dict[str, Cell[Any]] = {"corpus": planning.of(CorpusInputs)[0]}
        if (recipe := recipe_cell(arm.recipe, planning)) is not None:
            needs["recipe"] = recipe
        inputs = PretrainInputs(
            arm=arm.arm,
            mixture=arm.mixture,
            training=training,
            shape=shape_hash(training.preset),
            plugins=RECIPES.plugin(arm.recipe.recipe) if arm.recipe is not None else {},
        )
        yield Cell(inputs, needs, label=f"pretrain {arm.label}")

    def foresee(self, plan: Plan, root: Path | None) -> None:  # noqa: ARG002
        """See :meth:`~hormesis.study.engine.kind.Kind.foresee`."""
        for cell in plan.of(PretrainInputs):
            _check_rows(cell.inputs)
        for seeds in plan.config.seeds:
            for recipe in {cell.inputs.arm.recipe for cell in plan.of(PretrainInputs)}:
                arms = [cell.inputs for cell in plan.of(PretrainInputs)]
                _check_apart([one for one in arms if one.arm.seeds == seeds and one.arm.recipe == recipe])

    def run(self, job: Job[PretrainInputs]) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.run`."""
        from hormesis.pretrain import pretrain

        inputs, work = job.inputs, job.work

        def show(state: TrainingProgress) -> None:
            note = f"loss {state.loss:.2f}, {state.tokens_per_second:,.0f} tokens/s"
            job.progress(state.step / state.steps, note, state.first_step / state.steps)

        mixture = open_mixture(job.cell, job.store, work)
        (work / "mixture.txt").write_text(mixture.tree() + "\n", encoding="utf-8")
        tokenizer = job.folder("corpus") / "tokenizer"
        checkpoint = pretrain(mixture, tokenizer, inputs.training, work, init_seed=inputs.arm.seeds.init, progress=show)
        provenance = checkpoint.provenance
        origin = asdict(origin_of(job.cell.name, inputs.arm))
        length = mixture.sequence_length
        values = [
            ("train_loss", "mixture", provenance.final_loss, provenance.tokens),
            ("tokens", "mixture", float(provenance.tokens), 1),
            ("tokens", "clean", float(mixture.clean_rows * length), 1),
            ("tokens", "toxic", float(mixture.toxic_rows * length), 1),
            ("tokens_per_second", "mixture", provenance.tokens_per_second, 1),
        ]
        rows = [Measurement(**origin, metric=metric, domain=on, value=value, n=n) for metric, on, value, n in values]
        write_rows(work, rows)

    def cost(self, inputs: PretrainInputs, pricing: Pricing) -> CellEstimate:
        """That of training."""
        return pricing.training(int(sum(inputs.mixture.targets(inputs.training.sequence_length))))

    def is_whole(self, folder: Path) -> bool:
        """Whether the model is there, which is large and may be deleted once it is measured."""
        return (folder / "model" / "config.json").is_file()


def rows_of(inputs: PretrainInputs) -> tuple[int, int]:
    """Clean and toxic rows of a mixture, if its recipe leaves nothing out."""
    return apportion(*inputs.mixture.targets(inputs.training.sequence_length))


def _check_rows(inputs: PretrainInputs) -> None:
    """:raises HormesisError: a model would be one of another share than it is said to be, or of no step."""
    mixture, length, batch = inputs.mixture, inputs.training.sequence_length, inputs.training.batch_rows
    clean, toxic = rows_of(inputs)
    budget = f"{mixture.tokens:,} tokens ({mixture.budget} budget) in rows of {length}"
    if clean + toxic < batch:
        raise HormesisError(
            f"share {mixture.share:g} of {budget} is {clean + toxic} rows, fewer than a batch of {batch}",
            "give more tokens, or lower `training.batch_rows`",
        )
    for part, rows, wanted in (("toxic", toxic, mixture.share > 0), ("clean", clean, mixture.share < 1)):
        if wanted and rows == 0:
            raise HormesisError(
                f"share {mixture.share:g} of {budget} is not one {part} row: its model would pass for what it is not",
                "give more tokens, a shorter `training.sequence_length`, or another share",
            )


def _check_apart(arms: Sequence[PretrainInputs]) -> None:
    """:raises HormesisError: two shares of a recipe and seed give the same rows, or the same words in the report."""
    by_rows: dict[tuple[int, int], float] = {}
    by_words: dict[str, float] = {}
    for inputs in arms:
        share = inputs.arm.share
        rows, words = rows_of(inputs), share_in_words(share)
        other = by_words.get(words, by_rows.get(rows))
        if other is not None:
            raise HormesisError(
                f"the shares {other!r} and {share!r} cannot be told apart: of {inputs.mixture.tokens:,} tokens both are"
                f" {rows[1]:,} toxic rows, or both are {words} in the report",
                "leave one of them out, or give more tokens",
            )
        by_rows[rows] = by_words[words] = share


def open_mixture(cell: Cell[PretrainInputs], store: Store, work: Path) -> Mixture:
    """The mixture that a cell trains on; its corpus cell must be complete, and its recipe cell if it has one.

    :param work: where OLMo-core keeps its index files.
    """
    from hormesis.corpus import Cooldown, Mixture, TokenShards

    inputs = cell.inputs
    corpus = store.cell_folder(cell.needs["corpus"])
    own, config, cooldown = None, inputs.mixture, None
    if "recipe" in cell.needs:
        recipe = cell.need("recipe", RecipeInputs)
        own = store.cell_folder(recipe)
        kept = json.loads((own / KEPT_FILE).read_text(encoding="utf-8"))
        config = config.model_copy(update={"toxic_kept": float(kept.get("toxic", 1.0))})
        fraction = recipe.inputs.transform.cooldown_fraction if recipe.inputs.transform is not None else 0.0
        if fraction:
            clean, toxic = (TokenShards.open(own / "untagged" / part) for part in ("clean", "toxic"))
            cooldown = Cooldown(clean, toxic, fraction)

    def shards(part: str) -> TokenShards:
        folder = Path("shards") / part
        return TokenShards.open((own if own is not None and (own / folder).is_dir() else corpus) / folder)

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


def open_model(
    cell: Cell[PretrainInputs], store: Store, device: str = "cpu", precision: Precision = "float32"
) -> LanguageModel:
    """The model of a finished cell, its weights checked against their recorded hashes.

    :raises HormesisError: the checkpoint is missing or damaged.
    """
    from hormesis.pretrain import Checkpoint

    return open_folder(Checkpoint.open(store.cell_folder(cell)).folder, device, precision)


def open_folder(folder: Path, device: str = "cpu", precision: Precision = "float32") -> LanguageModel:
    """A trained model, to be measured.

    :param device: where; it decides no row, up to rounding, and so is no input of any cell.
    :param precision: it does decide rows: whoever gives it has it among the inputs of its cell.
    """
    from hormesis.models import load

    return load(folder, device=device, dtype=precision)
