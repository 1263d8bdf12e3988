"""What a user may say of methods: the options that several of them share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from hormesis.config import Config
from hormesis.corpus.prompt_sources import Prompts
from hormesis.detox.pairs import PairConfig
from hormesis.errors import HormesisError

if TYPE_CHECKING:
    from hormesis.detox.weights.dpo import PreferenceConfig
    from hormesis.detox.weights.sft import SupervisedConfig


class MethodOptions(Config):
    """What every method takes: its name."""

    method: str

    @property
    def measured_strengths(self) -> tuple[float, ...]:
        """Those at which it is measured; ``(0.0,)`` where strength has no meaning."""
        return (0.0,)

    @property
    def edited_heads(self) -> int | None:
        """How many attention heads are edited; None where it is not about heads."""
        return None

    def tokens_before(self, count: Callable[[str], int]) -> int:  # noqa: ARG002
        """How many tokens, at least, it puts before every prompt.

        :param count: the fewest tokens that a text may become.
        """
        return 0


class SteeredOptions(MethodOptions):
    """Of a method that is applied at a strength.

    ``strengths`` left out means the method's own, to begin with; they enter a cell's name either way.
    """

    strengths: tuple[float, ...] = Field(default=(), description="at which it is measured; default: the method's own")

    @property
    def measured_strengths(self) -> tuple[float, ...]:
        """:attr:`strengths`."""
        return self.strengths

    @field_validator("strengths")
    @classmethod
    def _ascending(cls, strengths: tuple[float, ...]) -> tuple[float, ...]:
        if 0 in strengths or len(set(strengths)) != len(strengths):
            raise ValueError("a strength is 0 (that is the model as it is, always measured) or listed twice")
        return tuple(sorted(strengths))

    @model_validator(mode="before")
    @classmethod
    def _own_strengths(cls, values: Any) -> Any:
        from hormesis.detox.registry import METHODS

        if isinstance(values, dict) and not values.get("strengths") and values.get("method") in METHODS:
            return {**values, "strengths": METHODS[values["method"]].strengths}
        return values

    @model_validator(mode="after")
    def _within_reach(self) -> Self:
        from hormesis.detox.registry import METHODS

        try:
            METHODS[self.method].check_strengths(self.strengths)
        except HormesisError as error:
            raise ValueError(f"{error.problem}; {error.fix}") from error
        return self


class HeadOptions(SteeredOptions):
    """Of ITI and what is made of its heads and directions."""

    heads: int = Field(default=6, ge=1, description="edited attention heads, the most telling ones")
    direction: Literal["mass-mean", "probe-weight"] = Field(
        default="mass-mean", description="along which they are shifted: between class means, or a probe's weights"
    )

    @property
    def edited_heads(self) -> int | None:
        """:attr:`heads`."""
        return self.heads


class StreamOptions(SteeredOptions):
    """Of a direction of the residual stream: added, or taken away."""

    layer: int | None = Field(
        default=None, ge=0, description="whose residual stream; default: that of the best probe on validation"
    )


class TuningOptions(SteeredOptions):
    """Of a fine-tuning."""

    steps: int = Field(default=500, ge=1, description="of each fine-tuning")
    batch: int = Field(default=16, ge=1, description="examples of a step")
    learning_rate: float = Field(default=1e-4, gt=0, description="at its peak")
    rank: int | None = Field(default=16, ge=1, description="of LoRA; null: all weights are trained")

    def supervised(self, seed: int, longest: int, *, whole: bool) -> SupervisedConfig:
        """How SFT, or each expert of DExperts, is trained.

        :param longest: tokens of an example.
        :param whole: whether the texts are whole, so that their end is learnt.
        """
        from hormesis.detox.weights.sft import SupervisedConfig

        return SupervisedConfig.model_validate(self._tuning(seed, longest, whole))

    def _tuning(self, seed: int, longest: int, whole: bool) -> dict[str, int | float | None]:
        return {
            "steps": self.steps,
            "batch": self.batch,
            "learning_rate": self.learning_rate,
            "rank": self.rank,
            "max_length": longest,
            "seed": seed,
            "whole": whole,
        }


class PreferenceOptions(TuningOptions):
    """Of a fine-tuning on which text of a pair is preferred."""

    beta: float = Field(default=0.1, gt=0, description="how much a step away from the model itself costs")

    def preference(self, seed: int, longest: int, *, whole: bool) -> PreferenceConfig:
        """How DPO is trained; see :meth:`TuningOptions.supervised`."""
        from hormesis.detox.weights.dpo import PreferenceConfig

        return PreferenceConfig.model_validate({**self._tuning(seed, longest, whole), "beta": self.beta})


class FromPairs(MethodOptions):
    """A study's: pairs from a file. Those with a text that is set aside (`held_out`) are left out."""

    pairs: PairConfig


class FromOwnSamples(MethodOptions):
    """A study's: which of the model's own continuations the study's labeller prefers."""

    prompts: Prompts
    """Those that the study evaluates on are left out."""
    samples: int = Field(default=8, ge=2, description="continuations of a prompt: the best and the worst are a pair")
    max_new_tokens: int = Field(default=20, ge=1)
    margin: float = Field(default=0.2, ge=0, description="the least difference of scores in a pair")
