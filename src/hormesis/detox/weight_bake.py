"""Writing a model with changed weights to a folder that stands for itself."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from hormesis.detox.bake import TOLERANCES
from hormesis.errors import HormesisError
from hormesis.files import write_folder
from hormesis.representation.layout import evaluation_mode, input_device

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def bake_weights(model: PreTrainedModel, folder: Path, *, tokenizer: PreTrainedTokenizerBase | None = None) -> Path:
    """Write ``model`` as it now is to ``folder``, whole or not at all, and only if a reload gives the same logits.

    :param tokenizer: saved beside the weights.
    :raises HormesisError: quantised weights, or a reload that differs.
    """
    if getattr(model, "is_quantized", False):
        raise HormesisError(
            f"this {type(model).__name__} is quantised: its weights cannot carry the intervention",
            "load it unquantised (dtype=torch.bfloat16) and bake that",
        )
    with write_folder(folder) as temporary:
        write_model(model, temporary)
        if tokenizer is not None:
            tokenizer.save_pretrained(temporary)
        _verify(model, temporary)
    return folder


def write_model(model: PreTrainedModel, folder: Path) -> None:
    """``model.save_pretrained(folder)``, which also notes precision and class in the config: here in a copy of it."""
    config = model.config
    model.config = copy.deepcopy(config)
    try:
        model.save_pretrained(folder)
    finally:
        model.config = config


def _verify(model: PreTrainedModel, folder: Path) -> None:
    tokens = torch.randint(model.config.vocab_size, (2, 8), generator=torch.Generator().manual_seed(0), device="cpu")
    dtype = next(model.parameters()).dtype
    reloaded = type(model).from_pretrained(folder, dtype=dtype)
    with torch.no_grad(), evaluation_mode(model):
        here = model(tokens.to(input_device(model))).logits.float().cpu()
        again = reloaded(tokens).logits.float()
    error = float((again - here).abs().max())
    allowed = TOLERANCES[dtype] * max(1.0, float(here.abs().max()))
    if not error <= allowed:
        raise HormesisError(
            f"the baked model, reloaded, differs from the changed one by {error:.2g} in a logit"
            f" (allowed {allowed:.2g})",
            "bake in float32; if it stays, keep the artefact and apply it: this architecture does not reload",
        )
