"""Telling whether a model has the weights that something was fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self, cast

from hormesis.files import Json, content_hash

if TYPE_CHECKING:
    from hormesis.models.language_model import LanguageModel

_VALUES_A_WEIGHT = 64
_ALIKE = ("float64", "float32", "bfloat16")
"""Precisions in which a weight, rounded to the last of them, is the same number."""


@dataclass(frozen=True)
class WeightsMark:
    """The weights of one model, as a hash: of evenly spaced values of each, rounded to bfloat16, so that a model is
    the same one in both precisions."""

    model: str
    """Its name."""
    weights: str
    """The hash."""
    precision: str
    """In which the weights were."""
    chat: bool = False
    """Whether prompts were put into the chat template (:attr:`~hormesis.models.LanguageModel.chat`)."""

    @classmethod
    def of(cls, lm: LanguageModel) -> Self:
        """That of a model."""
        import torch

        described: list[Json] = []
        for name, weight in lm.model.named_parameters():
            values = weight.detach().flatten()
            sample = values[:: max(1, len(values) // _VALUES_A_WEIGHT)]
            exact = sample.to(torch.bfloat16).float() if sample.is_floating_point() else sample
            described.append([name, list(weight.shape), exact.cpu().numpy().tobytes().hex()])
        kinds = sorted({str(weight.dtype).removeprefix("torch.") for weight in lm.model.parameters()})
        return cls(lm.name, content_hash(described), "+".join(kinds), lm.chat)

    def may_be(self, lm: LanguageModel) -> bool:
        """Whether ``lm`` has these weights, as far as can be told: numbers in half precision (float16) or packed ones
        cannot be compared with others."""
        other = type(self).of(lm)
        alike = all(kind in _ALIKE for mark in (self, other) for kind in mark.precision.split("+"))
        return self.weights == other.weights or not (alike or self.precision == other.precision)

    def to_json(self) -> dict[str, Json]:
        """The fields as JSON; without :attr:`chat` where there is none, as in files from before it was noted."""
        fields: dict[str, Json] = asdict(self)
        return fields if self.chat else {name: value for name, value in fields.items() if name != "chat"}

    @classmethod
    def from_json(cls, fields: Json) -> Self | None:
        """What :meth:`to_json` gave; None for null.

        :raises TypeError, KeyError: the fields are others.
        """
        if fields is None:
            return None
        given = cast("Mapping[str, Json]", fields)
        return cls(str(given["model"]), str(given["weights"]), str(given["precision"]), bool(given.get("chat")))
