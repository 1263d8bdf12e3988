"""What a user writes about training."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from hormesis.config import Config
from hormesis.pretrain.presets import preset_named


class TrainingConfig(Config):
    """How a model is trained on a mixture: one pass over it, in its order.

    Defaults are those of OLMo-2 (paper.md §2: AdamW with betas (0.9, 0.95), weight decay 0.1 except on the
    embedding, clipping at 1.0, z-loss 1e-5, linear warm-up, cosine to a tenth), at a small model's batch.
    Rows that do not fill a last batch are not trained on.
    """

    preset: str = Field(default="micro", description="a name of PRESETS")
    sequence_length: int = Field(default=128, ge=2, description="tokens of a row; must be the mixture's")
    batch_rows: int = Field(default=32, ge=1, description="rows of a step, over all processes")
    microbatch_rows: int | None = Field(
        default=None, ge=1, description="rows of one forward pass in a process; None: chosen for the device"
    )
    learning_rate: float | None = Field(default=None, gt=0, description="peak; None: the preset's own")
    warmup_fraction: float = Field(default=0.05, ge=0, le=1, description="share of the steps in linear warm-up")
    schedule: Literal["cosine", "linear", "wsd", "constant"] = "cosine"
    final_fraction: float = Field(default=0.1, ge=0, le=1, description="last learning rate / peak")
    betas: tuple[float, float] = (0.9, 0.95)
    epsilon: float = Field(default=1e-8, gt=0)
    weight_decay: float = Field(default=0.1, ge=0, description="of everything but the embedding")
    clip: float | None = Field(default=1.0, gt=0, description="largest gradient norm; None: no clipping")
    z_loss: float = Field(default=1e-5, ge=0, description="weight of the squared log-partition; 0: none")
    precision: Literal["fp32", "bf16"] = Field(default="fp32", description="of the passes (autocast)")
    parallel: Literal["ddp", "fsdp"] = Field(default="ddp", description="under torchrun: replicate or shard")
    checkpoint_every: int = Field(default=250, ge=1, description="steps between checkpoints")
    snapshots: tuple[float, ...] = Field(
        default=(),
        description="shares of the steps after which the model is kept, too; 0: untrained. Another run than without",
    )
    compile: bool = Field(default=True, description="torch.compile; its code is cached on disk")
    threads: int | None = Field(default=None, ge=1, description="CPU threads of this process; None: PyTorch's choice")
    keep_trainer: bool = Field(
        default=False,
        exclude=True,  # it decides no weight, and must rename no cell
        description="keep the checkpoints of a finished training (optimizer and all), to look into",
    )

    @field_validator("preset")
    @classmethod
    def _known_preset(cls, value: str) -> str:
        preset_named(value)
        return value

    @field_validator("snapshots")
    @classmethod
    def _ascending(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(value)) != len(value) or not all(0 <= share < 1 for share in value):
            raise ValueError("a snapshot is listed twice, or lies outside [0, 1); 1 is the finished model, always kept")
        return tuple(sorted(value))

    @model_validator(mode="after")
    def _whole_microbatches(self) -> TrainingConfig:
        if self.microbatch_rows is not None and self.batch_rows % self.microbatch_rows:
            raise ValueError(
                f"batch_rows = {self.batch_rows} is no multiple of microbatch_rows = {self.microbatch_rows}"
            )
        return self

    def snapshot_steps(self, steps: int) -> tuple[int, ...]:
        """After which of ``steps`` steps a snapshot is taken."""
        return tuple(sorted({round(share * steps) for share in self.snapshots} - {steps}))

    @property
    def peak_learning_rate(self) -> float:
        return preset_named(self.preset).learning_rate if self.learning_rate is None else self.learning_rate
