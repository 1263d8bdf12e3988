"""Writing a displacement of head activations into a checkpoint, as a bias of the output projection.

A projection is linear, W (z + δ) + b = W z + (b + W δ), so that the bias b + W δ acts exactly like the hook at every
position. The published bake of the reference code leaves out W; and where a model has no attention biases,
``config.attention_bias`` must be turned on, with every other attention bias present as an explicit zero: otherwise
transformers drops the new bias on reload, without a word. So the folder is read back and compared before it counts.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from hormesis.detox.steering import displaced
from hormesis.errors import HormesisError
from hormesis.files import write_folder
from hormesis.representation.layout import ModelLayout, evaluation_mode, input_device

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

TOLERANCES = {torch.float32: 1e-5, torch.float64: 1e-5, torch.float16: 5e-3, torch.bfloat16: 4e-2}
"""Largest difference of logits between reloaded and hooked model, relative to the largest logit (at least 1)."""


def bake_biases(
    model: PreTrainedModel,
    layout: ModelLayout,
    displacements: Mapping[int, Tensor],
    strength: float,
    folder: Path,
    *,
    tokenizer: PreTrainedTokenizerBase | None = None,
) -> Path:
    """Write ``model`` with b ← b + W · strength · displacement to ``folder``; ``model`` itself is not changed.

    The folder is plain Hugging Face: it acts without hormesis. It appears only after it was reloaded and gave the
    logits of the hooked model.

    :param displacements: layer → [heads · head_width], float32.
    :param tokenizer: saved beside the weights.
    :raises HormesisError: quantised or wrapped weights, an architecture whose projections cannot carry a bias, or a
        reload that does not act like the hook.
    """
    if not isinstance(strength, int | float):
        raise HormesisError("a baked model has one strength, and was given several", "bake once for each strength")
    biases = {
        layout.architecture.projection.format(layer=layer) + ".bias": _bias(
            layout.output_projections[layer],
            layout.architecture.projection.format(layer=layer),
            strength * shift,
        )
        for layer, shift in displacements.items()
    }
    baked = _with_biases(model, biases)
    with write_folder(folder) as temporary:
        baked.save_pretrained(temporary)
        if tokenizer is not None:
            tokenizer.save_pretrained(temporary)
        _verify(model, layout, displacements, strength, temporary)
    return folder


def _bias(projection: nn.Module, name: str, shift: Tensor) -> Tensor:
    from transformers.pytorch_utils import Conv1D

    weight = getattr(projection, "weight", None)
    if (
        type(projection) not in (nn.Linear, Conv1D)
        or not isinstance(weight, Tensor)
        or not weight.is_floating_point()
        or weight.element_size() < 2
    ):
        kind = f"{type(projection).__name__} of {weight.dtype if isinstance(weight, Tensor) else 'no weight'}"
        raise HormesisError(
            f"{name} is a {kind}: a bias cannot be computed from quantised or wrapped weights",
            "load the model unquantised (dtype=torch.bfloat16), merge adapters into it, and bake that",
        )
    matrix = weight.detach().double()  # Linear: [out, in]; Conv1D: [in, out]
    if isinstance(projection, Conv1D):
        matrix = matrix.T
    added = matrix @ shift.to(matrix)
    bias = getattr(projection, "bias", None)
    if isinstance(bias, Tensor):
        added = bias.detach().double() + added
    return added.to(weight.dtype)


def _with_biases(model: PreTrainedModel, biases: Mapping[str, Tensor]) -> PreTrainedModel:
    """A model of the same class that shares all other weights with ``model``."""
    if getattr(model, "is_quantized", False):
        raise HormesisError(
            f"this {type(model).__name__} is quantised: its weights cannot carry the intervention",
            "load it unquantised (dtype=torch.bfloat16) and bake that",
        )
    config = copy.deepcopy(model.config)
    weights = {**model.state_dict(), **biases}
    if any(name not in model.state_dict() for name in biases):
        config.attention_bias = True
    with torch.device("meta"):
        baked = type(model)(config)
    expected = baked.state_dict()
    homeless = sorted(name for name in biases if name not in expected)
    if homeless:
        raise HormesisError(
            f"a {config.model_type} model cannot carry a bias at {homeless[0]}: a reload would drop it",
            "keep the hook (apply), or convert the model to one with config.attention_bias, such as llama",
        )
    for name, tensor in expected.items():
        if name not in weights:
            if not name.endswith(".bias"):
                raise HormesisError(
                    f"the model has no weight {name}, which a {config.model_type} checkpoint needs",
                    "load the whole causal language model",
                )
            beside = weights[name.removesuffix("bias") + "weight"]
            weights[name] = torch.zeros(tensor.shape, dtype=beside.dtype, device=beside.device)
    baked.load_state_dict(weights, assign=True)
    baked.tie_weights()
    baked.generation_config = copy.deepcopy(model.generation_config)
    return baked


def _verify(
    model: PreTrainedModel,
    layout: ModelLayout,
    displacements: Mapping[int, Tensor],
    strength: float,
    folder: Path,
) -> None:
    tokens = torch.randint(model.config.vocab_size, (2, 8), generator=torch.Generator().manual_seed(0), device="cpu")
    dtype = next(model.parameters()).dtype
    reloaded = type(model).from_pretrained(folder, dtype=dtype)
    with torch.no_grad(), evaluation_mode(model):
        here = tokens.to(input_device(model))
        plain = model(here).logits.float().cpu()
        with displaced(layout, displacements, strength, prompt_lengths=None, attention_mask=None):
            hooked = model(here).logits.float().cpu()
        again = reloaded(tokens).logits.float()
    error = float((again - hooked).abs().max())
    effect = float((hooked - plain).abs().max())
    largest = max(1.0, float(hooked.abs().max()))
    allowed = TOLERANCES[dtype] * largest
    if effect > 0:  # where rounding could hide a bias that was dropped, the bake is not proven to act
        allowed = min(allowed, max(effect / 2, TOLERANCES[torch.float32] * largest))
    if not error <= allowed:
        raise HormesisError(
            f"the baked model, reloaded, differs from the hooked one by {error:.2g} in a logit"
            f" (allowed {allowed:.2g}; the whole effect is {effect:.2g})",
            "bake in float32; if it stays, keep the hook: this architecture drops the bias",
        )
