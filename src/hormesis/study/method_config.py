"""What a user writes about methods: one entry a method, with the options that it has and no others."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from hormesis.detox import METHODS, PairConfig, PreferenceConfig, SupervisedConfig
from hormesis.detox.prompting import PREFIX
from hormesis.errors import HormesisError
from hormesis.study.prompt_config import Prompts
from hormesis.study.section import Section


class PromptingMethod(Section):
    """A prefix that asks for civil output."""

    method: Literal["prompting"]
    prefix: str = PREFIX


class FewShotMethod(Section):
    """Civil texts of the concept, from its fit rows, before the prompt."""

    method: Literal["few-shot"]
    shots: int = Field(default=4, ge=1)


class SteeredMethod(Section):
    """A method of :data:`hormesis.detox.METHODS` that is fitted on one model and applied at a strength.

    ``strengths`` left out means the method's own, to begin with; they enter the cell's name either way.
    """

    method: str
    strengths: tuple[float, ...] = ()

    @field_validator("strengths")
    @classmethod
    def _ascending(cls, strengths: tuple[float, ...]) -> tuple[float, ...]:
        if 0 in strengths or len(set(strengths)) != len(strengths):
            raise ValueError("a strength is 0 (that is the model as it is, always measured) or listed twice")
        return tuple(sorted(strengths))

    @model_validator(mode="after")
    def _within_reach(self) -> Self:
        try:
            METHODS[self.method].check_strengths(self.strengths)
        except HormesisError as error:
            raise ValueError(f"{error.problem}; {error.fix}") from error
        return self

    @model_validator(mode="before")
    @classmethod
    def _own_strengths(cls, values: object) -> object:
        if isinstance(values, dict) and not values.get("strengths") and values.get("method") in METHODS:
            return {**values, "strengths": METHODS[values["method"]].strengths}
        return values


class HeadMethod(SteeredMethod):
    """ITI and what is made of its heads and directions."""

    method: Literal["iti", "gated", "iti-random-direction", "iti-random-heads", "iti-shuffled-labels"]
    heads: int = Field(default=6, ge=1)
    direction: Literal["mass-mean", "probe-weight"] = "mass-mean"


class StreamMethod(SteeredMethod):
    """A direction of the residual stream: added, or taken away."""

    method: Literal["caa", "pca", "ablation", "caa-random-direction", "ablation-random-direction"]
    layer: int | None = Field(default=None, ge=0, description="None: that of the best probe on validation")


class ErasureMethod(SteeredMethod):
    """LEACE at the attention of every layer."""

    method: Literal["leace"]


class SelfDebiasingMethod(SteeredMethod):
    """A second stream that is told to be hateful."""

    method: Literal["self-debiasing"]


class TuningMethod(SteeredMethod):
    """Fine-tuning, on pairs of texts from wherever."""

    steps: int = Field(default=500, ge=1)
    batch: int = Field(default=16, ge=1)
    learning_rate: float = Field(default=1e-4, gt=0)
    rank: int | None = Field(default=16, ge=1, description="of LoRA; null: all weights are trained")

    def supervised(self, seed: int, longest: int) -> SupervisedConfig:
        """How SFT, or each expert of DExperts, is trained; examples of at most ``longest`` tokens."""
        return SupervisedConfig.model_validate(self._tuning(seed, longest))

    def preference(self, seed: int, longest: int) -> PreferenceConfig:
        """How DPO is trained; examples of at most ``longest`` tokens."""
        return PreferenceConfig.model_validate(self._tuning(seed, longest))

    def _tuning(self, seed: int, longest: int) -> dict[str, int | float | None]:
        return {
            "steps": self.steps,
            "batch": self.batch,
            "learning_rate": self.learning_rate,
            "rank": self.rank,
            "max_length": longest,
            "seed": seed,
        }


class PreferenceTuning(TuningMethod):
    """Fine-tuning on which text of a pair is preferred."""

    beta: float = Field(default=0.1, gt=0)

    def preference(self, seed: int, longest: int) -> PreferenceConfig:
        """How DPO is trained; examples of at most ``longest`` tokens."""
        return PreferenceConfig.model_validate({**self._tuning(seed, longest), "beta": self.beta})


class TunedMethod(TuningMethod):
    """Fine-tuning on pairs from a file."""

    method: Literal["sft", "dexperts"]
    pairs: PairConfig
    """Those with a text that is set aside (`held_out`) are left out."""


class PreferenceMethod(PreferenceTuning, TunedMethod):
    """Preference tuning on pairs from a file."""

    method: Literal["dpo"]  # type: ignore[assignment]  # another tag of the union


class RankedMethod(PreferenceTuning):
    """Preference tuning on which of the model's own continuations the study's labeller prefers."""

    method: Literal["dpo-ranked"]
    prompts: Prompts
    """Those that the study evaluates on are left out."""
    samples: int = Field(default=8, ge=2, description="continuations of a prompt: the best and the worst are a pair")
    max_new_tokens: int = Field(default=20, ge=1)
    margin: float = Field(default=0.2, ge=0, description="the least difference of scores in a pair")


StudyMethod = Annotated[
    PromptingMethod
    | FewShotMethod
    | HeadMethod
    | StreamMethod
    | ErasureMethod
    | SelfDebiasingMethod
    | TunedMethod
    | PreferenceMethod
    | RankedMethod,
    Field(discriminator="method"),
]
