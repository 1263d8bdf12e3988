"""A written checkpoint counts only when a reload of it acts as it should: the check that every bake ends with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from hormesis.errors import HormesisError
from hormesis.marks import FolderKind
from hormesis.models import evaluating, input_device, text_config
from hormesis.pretrained import read_model

if TYPE_CHECKING:
    from transformers import PreTrainedModel

BAKED = FolderKind("a baked model")
TOLERANCES = {torch.float32: 1e-5, torch.float64: 1e-5, torch.float16: 5e-3, torch.bfloat16: 4e-2}
"""Largest difference of logits between reloaded and changed model, relative to the largest logit (at least 1)."""


def refuse_quantised(model: PreTrainedModel) -> None:
    """:raises HormesisError: the weights of ``model`` are quantised."""
    if getattr(model, "is_quantized", False):
        raise HormesisError(
            f"this {type(model).__name__} is quantised: its weights cannot carry the intervention",
            "load it unquantised (dtype=torch.bfloat16) and bake that",
        )


def sample_logits(model: PreTrainedModel) -> Tensor:
    """Float32 logits [2, 8, vocabulary] of ``model``, as it now acts, on drawn tokens: the same for every model."""
    known, generator = text_config(model.config).vocab_size, torch.Generator().manual_seed(0)
    tokens = torch.randint(known, (2, 8), generator=generator, device="cpu")
    with torch.no_grad(), evaluating(model):
        logits: Tensor = model(tokens.to(input_device(model))).logits
    return logits.float().cpu()


def check_reload(model: PreTrainedModel, folder: Path, wanted: Tensor, plain: Tensor | None = None) -> None:
    """Load ``folder`` again and compare.

    :param model: of the class and precision that ``folder`` holds.
    :param wanted: :func:`sample_logits` of the model as it was to be written.
    :param plain: those of the model without the change. A difference that could hide the loss of the change is then not
        allowed either.
    :raises HormesisError: the reload differs.
    """
    dtype = next(model.parameters()).dtype
    error = float((sample_logits(read_model(type(model), folder, {"dtype": dtype})) - wanted).abs().max())
    largest = max(1.0, float(wanted.abs().max()))
    allowed = TOLERANCES[dtype] * largest
    effect = 0.0 if plain is None else float((wanted - plain).abs().max())
    if effect > 0:
        allowed = min(allowed, max(effect / 2, TOLERANCES[torch.float32] * largest))
    if not error <= allowed:
        whole = f"; the whole effect is {effect:.2g}" if effect else ""
        raise HormesisError(
            f"the baked model, reloaded, differs from the changed one by {error:.2g} in a logit"
            f" (allowed {allowed:.2g}{whole})",
            "bake in float32; if it stays, keep the artefact and apply it: this architecture drops the change",
        )
