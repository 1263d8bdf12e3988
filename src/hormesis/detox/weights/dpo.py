"""Direct preference optimisation: the less toxic of two continuations is made likelier, as a change of weights.

Rafailov et al. 2023 (arXiv 2305.18290, equation 7), with π₀ the model itself, y⁺ chosen and y⁻ rejected after x:

    L = −E log σ(β [log π(y⁺|x) / π₀(y⁺|x) − log π(y⁻|x) / π₀(y⁻|x)]).

Lee et al. 2024 (arXiv 2401.01967) use it against toxicity, with β = 0.1, and show that it hides rather than removes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from pydantic import Field
from torch import nn

from hormesis.detox.pairs import PreferencePair
from hormesis.detox.weights.delta import WeightDelta
from hormesis.detox.weights.trainable_copy import trainable_copy
from hormesis.detox.weights.tuned import changes_of
from hormesis.detox.weights.tuning import (
    Progress,
    TuningConfig,
    dataset_of,
    lora,
    require_tuning_libraries,
    start_ids,
    text_ids,
    tokenizer_with_padding,
    train,
    trainer_settings,
)
from hormesis.errors import HormesisError
from hormesis.models import LanguageModel, ids_behind, token_ids

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase


class PreferenceConfig(TuningConfig):
    """How a model is tuned to preferences."""

    beta: float = Field(default=0.1, gt=0, description="how much a step away from the model itself costs")
    whole: bool = Field(
        default=False, description="whether the texts are whole, so that their end is learnt; samples are cut off"
    )


def preference_optimisation(
    lm: LanguageModel,
    pairs: Sequence[PreferencePair],
    config: PreferenceConfig | None = None,
    *,
    progress: Progress | None = None,
) -> WeightDelta:
    """Tune to ``pairs`` and return the change, named ``"dpo"``; ``lm`` stays as it is.

    Prompt and continuation are tokenised by themselves, as generation does; before the prompt stands what stands before
    a document in pretraining. A pair whose prompt leaves no room for
    both continuations in ``max_length`` loses the prompt's beginning.

    :param progress: called with (steps done, steps).
    :raises HormesisError: trl or peft missing; no pairs; no eos token; a quantised model; training that diverged.
    """
    require_tuning_libraries()
    config = config or PreferenceConfig()
    mine = tokenizer_with_padding(lm.tokenizer)
    examples = _examples(mine, pairs, config)
    if not examples["chosen_ids"]:
        raise HormesisError(
            "there is no pair to learn from", "give pairs whose texts are not empty and differ in their tokens"
        )
    from trl.trainer.dpo_config import DPOConfig
    from trl.trainer.dpo_trainer import DPOTrainer

    class QuietTrainer(DPOTrainer):
        def _send_telemetry(self) -> None:
            """trl tells its makers of each run; we do not."""

        def _prepare_dataset(self, dataset: Dataset, *_: object, **__: object) -> Dataset:
            return dataset  # tokens already: trl would end cut-off samples with eos, and drop long prompts

    with trainable_copy(lm.model, config.max_length) as (trained, folder):
        trainer = QuietTrainer(
            model=trained,
            args=DPOConfig(**trainer_settings(lm.model, config, folder), beta=config.beta),
            train_dataset=dataset_of(examples),
            processing_class=mine,
            peft_config=lora(trained, config),
        )
        train(trainer, progress)
        return WeightDelta(changes_of(cast(nn.Module, trainer.model), lm.model), "dpo")


def _examples(
    tokenizer: PreTrainedTokenizerBase, pairs: Sequence[PreferencePair], config: PreferenceConfig
) -> dict[str, list[list[int]]]:
    start, end = start_ids(tokenizer), [int(tokenizer.eos_token_id)] if config.whole else []
    columns: dict[str, list[list[int]]] = {"prompt_ids": [], "chosen_ids": [], "rejected_ids": []}
    if not pairs:
        return columns
    prompts = text_ids(tokenizer, [pair.prompt for pair in pairs])
    chosen = [_behind(tokenizer, pair.prompt, pair.chosen) for pair in pairs]
    rejected = [_behind(tokenizer, pair.prompt, pair.rejected) for pair in pairs]
    room = config.max_length - len(start)
    for before, good, bad in zip(prompts, chosen, rejected, strict=True):
        longest = min(max(len(good), len(bad)) + len(end), room)
        if good and bad and good != bad:
            columns["prompt_ids"].append(start + before[max(0, len(before) + longest - room) :])
            columns["chosen_ids"].append((good + end)[:longest])
            columns["rejected_ids"].append((bad + end)[:longest])
    return columns


def _behind(tokenizer: PreTrainedTokenizerBase, prompt: str, text: str) -> list[int]:
    """The ids of ``text`` where it stands: behind a prompt, or at the beginning."""
    return list(ids_behind(tokenizer, text) if prompt else token_ids(tokenizer, text, special=False))
