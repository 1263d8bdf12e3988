"""What supervised and preference tuning have in common: settings, tokens, and how a trainer is run."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from pydantic import Field

from hormesis.config import Config, Seed
from hormesis.errors import HormesisError
from hormesis.models import LanguageModel, many_token_ids, start_token
from hormesis.optional import needed_for

if TYPE_CHECKING:
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import PreTrainedModel, PreTrainedTokenizerBase, Trainer, TrainerCallback

Progress = Callable[[int, int], None]


class TuningConfig(Config):
    """How a model is fine-tuned."""

    steps: int = Field(default=500, ge=1, description="optimiser steps")
    batch: int = Field(default=16, ge=1, description="examples of a step")
    learning_rate: float = Field(default=1e-4, gt=0, description="at its peak; warms up over a tenth, then falls to 0")
    rank: int | None = Field(default=16, ge=1, description="of LoRA on every projection; null: all weights are trained")
    max_length: int = Field(default=128, ge=2, description="tokens of an example, start and end included; cut right")
    seed: Seed = 0


def example_tokens(lm: LanguageModel) -> int:
    """How long an example may be: :class:`TuningConfig`'s default, or the model's context where that is shorter."""
    most = int(TuningConfig().max_length)
    return min(most, lm.context_length or most)


def require_tuning_libraries() -> None:
    """:raises HormesisError: trl or peft is not installed."""
    with needed_for("fine-tuning"):
        import peft  # noqa: F401
        import trl  # noqa: F401


def tokenizer_with_padding(tokenizer: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    """A copy for a trainer to change, which pads with eos where there is no padding token.

    :raises HormesisError: it has no eos token.
    """
    if tokenizer.eos_token_id is None:
        raise HormesisError(
            "the tokenizer has no eos token to end and pad examples with",
            "set tokenizer.eos_token to the token that parts documents in the training data",
        )
    mine = copy.deepcopy(tokenizer)
    if mine.pad_token_id is None:
        mine.pad_token = mine.eos_token
    return mine


def start_ids(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """What stands before a text: the start token."""
    return [start for start in [start_token(tokenizer)] if start is not None]


def text_ids(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
    """The ids of each text, nothing added."""
    return [list(ids) for ids in many_token_ids(tokenizer, texts, special=False)]


class TrainerSettings(TypedDict):
    """Arguments of any trainer of trl."""

    output_dir: str
    max_steps: int
    per_device_train_batch_size: int
    learning_rate: float
    warmup_steps: float
    seed: int
    data_seed: int
    max_length: int
    use_cpu: bool
    bf16: bool
    gradient_checkpointing: bool
    report_to: str
    save_strategy: str
    logging_strategy: str
    disable_tqdm: bool
    dataloader_pin_memory: bool


def trainer_settings(model: PreTrainedModel, config: TuningConfig, folder: Path) -> TrainerSettings:
    """Float32, this model's kind of device, nothing reported, nothing kept."""
    return {
        "output_dir": str(folder),
        "max_steps": config.steps,
        "per_device_train_batch_size": config.batch,
        "learning_rate": config.learning_rate,
        "warmup_steps": config.steps // 10,
        "seed": config.seed,
        "data_seed": config.seed,
        "max_length": config.max_length,
        "use_cpu": model.device.type == "cpu",
        "bf16": False,
        "gradient_checkpointing": False,
        "report_to": "none",
        "save_strategy": "no",
        "logging_strategy": "no",
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
    }


def lora(model: PreTrainedModel, config: TuningConfig) -> LoraConfig | None:
    """LoRA on every projection but the output layer, α = 2 r; None where all weights are trained."""
    if config.rank is None:
        return None
    from peft import LoraConfig
    from transformers.pytorch_utils import Conv1D

    return LoraConfig(
        r=config.rank,
        lora_alpha=2 * config.rank,
        lora_dropout=0.0,
        bias="none",
        target_modules="all-linear",
        fan_in_fan_out=any(isinstance(module, Conv1D) for module in model.modules()),  # GPT-2's weights are [in, out]
        task_type="CAUSAL_LM",
    )


def train(trainer: Trainer, progress: Progress | None) -> None:
    """Run ``trainer``, which prints nothing; ``progress`` is called with (steps done, steps)."""
    from transformers import PrinterCallback

    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(step_reports(progress))
    trainer.train()


def step_reports(progress: Progress | None) -> TrainerCallback:
    """A callback that tells ``progress`` (steps done, steps) after each step of a trainer."""
    from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

    class Steps(TrainerCallback):
        def on_step_end(
            self,
            args: TrainingArguments,  # noqa: ARG002 (the names are transformers')
            state: TrainerState,
            control: TrainerControl,  # noqa: ARG002
            **kwargs: object,  # noqa: ARG002
        ) -> None:
            if progress is not None:
                progress(state.global_step, state.max_steps)

    return Steps()


def dataset_of(columns: Mapping[str, Sequence[object]]) -> Dataset:
    """Columns as trainers want them, in memory."""
    from datasets import Dataset

    return Dataset.from_dict({name: list(values) for name, values in columns.items()})
