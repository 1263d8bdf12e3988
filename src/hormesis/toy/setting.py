"""One setting of the toy: all that the paper states or leaves open, as options with stated defaults.

Nothing heavy is imported here: the command line reads these defaults before it knows what to do.
"""

from __future__ import annotations

import json
from typing import Literal, cast

from pydantic import Field, field_validator, model_validator

from hormesis.config import Config, Seed
from hormesis.errors import HormesisError
from hormesis.files import Json, content_hash

Definition = Literal["sequence", "chain", "next-token"]
Estimator = Literal["probe", "mean-difference", "lda"]
Contrast = Literal["token", "pooled"]

#: Nine shares of the rare chain, up to the one that makes three chains equal.
DEFAULT_SHARES = (0.005, 0.01, 0.02, 0.04, 0.08, 0.12, 0.18, 0.25, 1 / 3)


class WorldConfig(Config):
    """What the models read. The defaults are the paper's: three chains over four shared states, 12 sequences.

    A chain is a directed cycle through all states, so a sequence is fixed by its chain and its first state, and
    there are ``chains × states`` different ones. There are ``(states - 1)!`` cycles to choose from; the paper
    does not say which three it took. ``lexicographic`` takes the first ones in dictionary order, ``drawn`` draws
    them with ``cycle_seed``. The last chain is the rare one.
    """

    states: int = Field(default=4, ge=2, le=64, description="states that all chains share (the vocabulary)")
    chains: int = Field(default=3, ge=2, description="cyclic chains; the last one is the rare one")
    cycles: Literal["lexicographic", "drawn"] = Field(default="lexicographic", description="which cycles")
    cycle_seed: Seed = Field(default=0, description="seed of the draw when cycles are drawn")
    sequence_length: int = Field(default=16, ge=3, description="tokens that a model reads (it predicts as many)")

    @property
    def features(self) -> int:
        """Number of different sequences: chains × states."""
        return self.chains * self.states


class ModelConfig(Config):
    """A pre-norm decoder. The paper gives the layers and the width; all else is an option with a stated default."""

    layers: int = Field(default=4, ge=1, description="blocks (paper: 4)")
    width: int = Field(default=4, ge=1, description="residual stream, dimensions (paper: 4)")
    heads: int = Field(default=2, ge=1, description="attention heads of a block")
    feed_forward: int = Field(default=16, ge=0, description="hidden units of a block's feed-forward part; 0: none")
    position: Literal["none", "learned", "rope"] = Field(default="learned", description="positional encoding")
    norm: Literal["layer", "rms"] = Field(default="layer", description="LayerNorm or RMSNorm, with gain")
    final_norm: bool = Field(default=True, description="a norm between the last block and the unembedding")

    @model_validator(mode="after")
    def _widths_fit(self) -> ModelConfig:
        if self.width % self.heads:
            raise HormesisError(
                f"a width of {self.width} does not split into {self.heads} heads",
                f"choose heads among the divisors of {self.width}",
            )
        if self.position == "rope" and (self.width // self.heads) % 2:
            raise HormesisError(
                f"RoPE turns pairs of dimensions, but {self.heads} heads of a width of {self.width} have "
                f"{self.width // self.heads} each",
                "lower heads, or choose position none or learned",
            )
        return self


class TrainingConfig(Config):
    """How a member is trained. The paper states none of this."""

    optimiser: Literal["adamw", "sgd"] = Field(default="adamw", description="AdamW, or SGD with momentum 0.9")
    learning_rate: float = Field(default=2e-2, gt=0, description="peak learning rate")
    weight_decay: float = Field(default=0.0, ge=0, description="decoupled (AdamW) or added to the gradient (SGD)")
    schedule: Literal["constant", "cosine"] = Field(default="cosine", description="learning rate over the steps")
    steps: int = Field(default=3000, ge=0, description="updates; 0 leaves the members at their initialisation")
    batch_sequences: int = Field(
        default=64, ge=0, description="sequences drawn for an update; 0: the exact expected loss, no sampling"
    )
    clip: float | None = Field(default=None, gt=0, description="largest gradient norm of a member; None: no limit")


class ReadingConfig(Config):
    """Where the residual stream is read, what counts as a feature, and how its direction is estimated.

    Definitions: ``sequence`` (paper: a chain and its first state), ``chain`` (the chain alone), ``next-token``
    (the next token given the chain; the loss needs no more than this).

    Contrast ``token`` compares a feature with the other features at the same last token, and averages over last
    tokens (paper); ``pooled`` compares it with all other activations at once.
    """

    definition: Definition = Field(default="sequence", description="what a feature is")
    estimator: Estimator = Field(default="probe", description="logistic probe, mean difference, or LDA")
    contrast: Contrast = Field(default="token", description="against the same last token, or all activations")
    average: Literal["unit", "raw"] = Field(
        default="unit",
        description="directions of the last tokens are averaged at unit length, or as they are",
    )
    examples: Literal["equal", "share"] = Field(
        default="equal", description="every sequence counts the same, or as often as it occurs in training"
    )
    layer: int | None = Field(default=None, ge=0, description="0: embeddings; None: after the last block")
    after_norm: bool = Field(default=False, description="read the stream through the final norm")
    first_position: int | None = Field(
        default=None,
        ge=0,
        description="first position read; None: after one whole cycle, when the chain is known",
    )
    penalty: float = Field(default=0.1, gt=0, description="the probe's L2 penalty (1 / C of scikit-learn)")


class Setting(Config):
    """A world, a model, how it is trained and read, and which members are trained.

    The default is the paper's set-up (three chains over four states, 12 features, 4 layers, width 4); where the
    paper is silent, the default is what its independent replication took, or a stated choice of ours.
    """

    world: WorldConfig = Field(default_factory=WorldConfig)
    model: ModelConfig = Field(default_factory=ModelConfig)
    training: TrainingConfig = Field(default_factory=TrainingConfig)
    reading: ReadingConfig = Field(default_factory=ReadingConfig)
    shares: tuple[float, ...] = Field(
        default=DEFAULT_SHARES, min_length=1, description="shares of the rare chain, of all tokens"
    )
    seeds: int = Field(default=20, ge=1, description="seeds at each share")
    first_seed: Seed = Field(default=0, description="the first of the seeds")
    learned_excess: float = Field(
        default=0.1,
        gt=0,
        description="a chain counts as learned up to this loss above its floor, nats a token",
    )

    @field_validator("shares")
    @classmethod
    def _shares_rise(cls, shares: tuple[float, ...]) -> tuple[float, ...]:
        for share in shares:
            if not 0.0 < share < 1.0:
                raise HormesisError(
                    f"the rare chain's share is {share}: a chain that is never shown (or shown alone) has no "
                    "feature to compare",
                    "give shares above 0 and below 1",
                )
        if list(shares) != sorted(set(shares)):
            raise HormesisError(f"the shares {shares} do not rise", "give each share once, in rising order")
        return shares

    @property
    def seed_numbers(self) -> tuple[int, ...]:
        """The seeds themselves."""
        return tuple(range(self.first_seed, self.first_seed + self.seeds))

    def identity(self) -> str:
        """A hash of everything in the setting: equal settings give equal results."""
        return content_hash(self.as_json())

    def as_json(self) -> Json:
        """The setting as JSON values."""
        return cast(Json, json.loads(self.model_dump_json()))


def changed(base: Setting, part: str, **fields: object) -> Setting:
    """``base`` with fields of one part (``world``, ``model``, ``training``, ``reading``) changed and validated."""
    values = base.model_dump()
    values[part] = {**values[part], **fields}
    return Setting.model_validate(values)
