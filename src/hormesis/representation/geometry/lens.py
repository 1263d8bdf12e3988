"""The logit lens of a direction: which tokens it makes likelier, and which less likely.

Logit lens (nostalgebraist 2020); for a direction v of the residual stream, logits change by W_U (γ ⊙ v) up to a factor,
with γ the scale of the final norm (and v centred first, where that norm centres). The mean over the vocabulary is taken
off, for it changes no probability. What early layers write is still worked on by later ones: their lens says less.

γ is measured, not looked up: for x of alternating signs, (norm(x) − norm(−x)) / 2 ⊙ x is γ for RMS norms (Gemma's 1 + w
among them) and layer norms alike.

The tokens may be slurs: show them to those who ask, and to nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from hormesis.errors import HormesisError
from hormesis.models import LanguageModel
from hormesis.representation.layout import ModelLayout
from hormesis.reprs import short_repr

if TYPE_CHECKING:
    pass

_FINAL_NORMS = ("norm", "ln_f", "final_layer_norm")


@short_repr
@dataclass(frozen=True)
class LensReading:
    """Tokens with their change of logit for a unit step, from the largest change down."""

    site: str
    concept: str
    promoted: tuple[tuple[str, float], ...]
    suppressed: tuple[tuple[str, float], ...]


def logit_lens(
    lm: LanguageModel,
    vector: Tensor,
    *,
    site: str,
    concept: str,
    tokens: int = 20,
) -> LensReading:
    """Read ±v through the unembedding.

    :param vector: [hidden_size], a direction of the residual stream that points towards the concept.
    :param tokens: how many of each sign.
    :raises HormesisError: another width, no unembedding, or a final norm of an unknown name.
    """
    unembedding: nn.Module | None = lm.model.get_output_embeddings()  # type: ignore[no-untyped-call]
    weight = getattr(unembedding, "weight", None)
    if not isinstance(weight, Tensor) or weight.shape[1] != len(vector):
        raise HormesisError(
            f"a direction of width {len(vector)} cannot be read through this {lm.model.config.model_type} model's"
            " unembedding",
            "give a direction of the residual stream, and a causal language model with its head",
        )
    with torch.no_grad():
        change = weight.float().cpu() @ _through_norm(_final_norm(lm), vector.float())
    change = change[: len(lm.tokenizer)]  # rows beyond are padding
    change = change - change.mean()
    order = torch.argsort(change, descending=True, stable=True)

    def named(ids: Tensor) -> tuple[tuple[str, float], ...]:
        return tuple((str(lm.tokenizer.decode([int(token)])), float(change[token])) for token in ids)

    return LensReading(site, concept, named(order[:tokens]), named(order.flip(0)[:tokens]))


def _final_norm(lm: LanguageModel) -> nn.Module:
    decoder = ModelLayout.of(lm.model, architecture=lm.architecture, validate=False).decoder
    for name in _FINAL_NORMS:
        if isinstance(norm := decoder._modules.get(name), nn.Module):
            return norm
    raise HormesisError(
        f"the final norm of this {lm.model.config.model_type} model is none of {', '.join(_FINAL_NORMS)}",
        "leave out the logit lens for this model",
    )


def _through_norm(norm: nn.Module, vector: Tensor) -> Tensor:
    """γ ⊙ v, centred where the norm centres."""
    parameter = next(norm.parameters(), torch.empty(0))
    signs = torch.ones(len(vector), device=parameter.device, dtype=parameter.dtype)
    constant = (norm(signs) - norm(-signs)) / 2
    signs[1::2] = -1
    scale = ((norm(signs) - norm(-signs)) / 2 * signs).float().cpu()
    if float(constant.abs().max()) < 1e-3 * float(scale.abs().max()):
        vector = vector - vector.mean()
    changed: Tensor = scale * vector
    return changed
