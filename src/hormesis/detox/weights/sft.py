"""Supervised fine-tuning on neutral text, as a change of weights.

Continued next-token training, ΔW = argmin −Σ log p(wₜ | w₁ … wₜ₋₁; W + ΔW): every token of a text but the start counts,
the end too where texts are whole. With ``rank`` ΔW is a product of low-rank factors (LoRA, arXiv 2106.09685). A
baseline of the paper (arXiv 2505.04741).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from pydantic import Field
from torch import nn

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
from hormesis.models import LanguageModel

if TYPE_CHECKING:
    pass


class SupervisedConfig(TuningConfig):
    """How a model is fine-tuned on texts."""

    whole: bool = Field(default=True, description="whether the texts are whole, so that their end is learnt")


def supervised_fine_tuning(
    lm: LanguageModel,
    texts: Sequence[str],
    config: SupervisedConfig | None = None,
    *,
    progress: Progress | None = None,
) -> WeightDelta:
    """Fine-tune on ``texts`` and return the change, named ``"sft"``; ``lm`` stays as it is.

    :param progress: called with (steps done, steps).
    :raises HormesisError: trl or peft missing; no texts; no eos token; a quantised model; training that diverged.
    """
    require_tuning_libraries()
    config = config or SupervisedConfig()
    mine = tokenizer_with_padding(lm.tokenizer)
    end, limit = [int(mine.eos_token_id)] if config.whole else [], config.max_length
    examples = [(start_ids(mine) + ids + end)[:limit] for ids in text_ids(mine, texts) if ids]
    if not examples:
        raise HormesisError("there is no text to fine-tune on", "give at least one text that is not empty")
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    class QuietTrainer(SFTTrainer):
        def _send_telemetry(self) -> None:
            """trl tells its makers of each run; we do not."""

    with trainable_copy(lm.model, config.max_length) as (trained, folder):
        trainer = QuietTrainer(
            model=trained,
            args=SFTConfig(**trainer_settings(lm.model, config, folder), dataset_kwargs={"skip_prepare_dataset": True}),
            train_dataset=dataset_of({"input_ids": examples}),
            processing_class=mine,
            peft_config=lora(trained, config),
        )
        train(trainer, progress)
        return WeightDelta(changes_of(cast(nn.Module, trainer.model), lm.model), "sft")
