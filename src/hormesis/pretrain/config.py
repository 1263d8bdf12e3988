"""What a user writes about training."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from hormesis.pretrain.presets import preset_named


class TrainingConfig(BaseModel):
    """How a model is trained on a mixture: one pass over it, in its order.

    Defaults are those of OLMo-2 (paper.md §2: AdamW with betas (0.9, 0.95), weight decay 0.1 except on the
    embedding, clipping at 1.0, z-loss 1e-5, linear warm-up, cosine to a tenth), at the batch of a small model.
    Rows that do not fill a last batch are not trained on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    preset: str = Field("micro", description="a name of PRESETS")
    sequence_length: int = Field(128, ge=2, description="tokens of a row; must be the mixture's")
    batch_rows: int = Field(32, ge=1, description="rows of a step, over all processes")
    microbatch_rows: int | None = Field(
        None, ge=1, description="rows of one forward pass in a process; None: chosen for the device"
    )
    learning_rate: float | None = Field(None, gt=0, description="peak; None: the preset's own")
    warmup_fraction: float = Field(0.05, ge=0, le=1, description="share of the steps in linear warm-up")
    schedule: Literal["cosine", "linear", "wsd", "constant"] = "cosine"
    final_fraction: float = Field(0.1, ge=0, le=1, description="last learning rate, as a fraction of the peak")
    betas: tuple[float, float] = (0.9, 0.95)
    epsilon: float = Field(1e-8, gt=0)
    weight_decay: float = Field(0.1, ge=0, description="of everything but the embedding")
    clip: float | None = Field(1.0, gt=0, description="largest gradient norm; None: no clipping")
    z_loss: float = Field(1e-5, ge=0, description="weight of the squared log-partition; 0: none")
    precision: Literal["fp32", "bf16"] = Field("fp32", description="of the forward and backward pass (autocast)")
    parallel: Literal["ddp", "fsdp"] = Field("ddp", description="under torchrun: replicate or shard the model")
    checkpoint_every: int = Field(250, ge=1, description="steps between checkpoints")
    compile: bool = Field(True, description="torch.compile; the compiled code is cached between runs")
    threads: int | None = Field(None, ge=1, description="CPU threads of this process; None: PyTorch's choice")

    @field_validator("preset")
    @classmethod
    def _known_preset(cls, value: str) -> str:
        preset_named(value)
        return value

    @model_validator(mode="after")
    def _whole_microbatches(self) -> TrainingConfig:
        if self.microbatch_rows is not None and self.batch_rows % self.microbatch_rows:
            raise ValueError(
                f"batch_rows = {self.batch_rows} is not a multiple of microbatch_rows = {self.microbatch_rows}"
            )
        return self

    @property
    def peak_learning_rate(self) -> float:
        return preset_named(self.preset).learning_rate if self.learning_rate is None else self.learning_rate
