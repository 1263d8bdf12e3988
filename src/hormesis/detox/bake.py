"""Writing an intervention into a checkpoint, so that it acts without hormesis.

A projection is linear, W (z + δ) + b = W z + (b + W δ), so that a displacement of its input acts exactly like a bias,
and a linear map of its input or output like another weight. The published bake of the reference code leaves out W; and
where a model has no attention biases, ``config.attention_bias`` must be turned on, with every other attention bias
present as an explicit zero: otherwise transformers drops the new bias on reload, without a word. So the folder is read
back and compared before it counts.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from hormesis.detox.intervention import Intervention
from hormesis.errors import HormesisError
from hormesis.files import write_folder
from hormesis.representation.layout import evaluation_mode, input_device

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

TOLERANCES = {torch.float32: 1e-5, torch.float64: 1e-5, torch.float16: 5e-3, torch.bfloat16: 4e-2}
"""Largest difference of logits between reloaded and hooked model, relative to the largest logit (at least 1)."""


def bake_parameters(
    model: PreTrainedModel,
    parameters: Mapping[str, Tensor],
    intervention: Intervention,
    strength: float,
    folder: Path,
    *,
    tokenizer: PreTrainedTokenizerBase | None = None,
) -> Path:
    """Write ``model`` with other values for some parameters to ``folder``; ``model`` itself is not changed.

    The folder is plain Hugging Face: it acts without hormesis. It appears only after it was reloaded and gave the
    logits of ``intervention.apply(model, strength)`` at every position.

    :param parameters: name → value; biases of projections that had none are allowed. A changed embedding is untied from
        the output matrix, which stays as it is.
    :param tokenizer: saved beside the weights.
    :raises HormesisError: quantised weights, an architecture whose projections cannot carry a bias, or a reload that
        does not act like the hook.
    """
    baked = _with_parameters(model, parameters)
    with write_folder(folder) as temporary:
        baked.save_pretrained(temporary)
        if tokenizer is not None:
            tokenizer.save_pretrained(temporary)
        _verify(model, intervention, strength, temporary)
    return folder


def one_strength(strength: object) -> float:
    """``strength`` if it is a number.

    :raises HormesisError: it is anything else, such as a tensor with one for each row.
    """
    if not isinstance(strength, int | float):
        raise HormesisError("a baked model has one strength, and was given several", "bake once for each strength")
    return float(strength)


def matrix_of(module: nn.Module, name: str) -> Tensor:
    """The weight of a linear module as float64 [out, in], or of an embedding as [width, vocabulary].

    :raises HormesisError: it is quantised, or wrapped in something else.
    """
    from transformers.pytorch_utils import Conv1D

    weight = getattr(module, "weight", None)
    if (
        type(module) not in (nn.Linear, nn.Embedding, Conv1D)
        or not isinstance(weight, Tensor)
        or not weight.is_floating_point()
        or weight.element_size() < 2
    ):
        kind = f"{type(module).__name__} of {weight.dtype if isinstance(weight, Tensor) else 'no weight'}"
        raise HormesisError(
            f"{name} is a {kind}: a bias or weight cannot be computed from quantised or wrapped weights",
            "load the model unquantised (dtype=torch.bfloat16), merge adapters into it, and bake that",
        )
    matrix = weight.detach().double()
    return matrix if type(module) is nn.Linear else matrix.T  # Conv1D: [in, out]; Embedding: [vocabulary, width]


def as_weight(module: nn.Module, matrix: Tensor) -> Tensor:
    """``matrix`` [out, in] (see :func:`matrix_of`) as the module stores it."""
    weight = module.weight
    assert isinstance(weight, Tensor)
    stored = matrix if type(module) is nn.Linear else matrix.T
    return stored.to(weight.dtype).contiguous()


def bias_of(module: nn.Module, matrix: Tensor) -> Tensor:
    """The bias of a linear module as float64 [out], zeros where it has none."""
    bias = getattr(module, "bias", None)
    return bias.detach().double() if isinstance(bias, Tensor) else matrix.new_zeros(len(matrix))


def displaced_bias(module: nn.Module, name: str, displacement: Tensor) -> Tensor:
    """b + W · displacement, in the precision of the weights; displacement is [in]."""
    matrix = matrix_of(module, name)
    weight = module.weight
    assert isinstance(weight, Tensor)
    return (bias_of(module, matrix) + matrix @ displacement.to(matrix)).to(weight.dtype)


def _with_parameters(model: PreTrainedModel, parameters: Mapping[str, Tensor]) -> PreTrainedModel:
    """A model of the same class that shares all other weights with ``model``."""
    if getattr(model, "is_quantized", False):
        raise HormesisError(
            f"this {type(model).__name__} is quantised: its weights cannot carry the intervention",
            "load it unquantised (dtype=torch.bfloat16) and bake that",
        )
    config = copy.deepcopy(model.config)
    stored = model.state_dict()
    weights = {**stored, **parameters}
    if any(name not in stored for name in parameters):
        config.attention_bias = True
    embedding = model.get_input_embeddings().weight
    assert isinstance(embedding, Tensor)
    place = embedding.data_ptr()
    shared = [name for name, tensor in stored.items() if tensor.data_ptr() == place]  # more than one where it is tied
    if len(shared) > 1 and any(name in parameters for name in shared):
        config.tie_word_embeddings = False
    with torch.device("meta"):
        baked = type(model)(config)
    expected = baked.state_dict()
    homeless = sorted(name for name in parameters if name not in expected)
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


def _verify(model: PreTrainedModel, intervention: Intervention, strength: float, folder: Path) -> None:
    tokens = torch.randint(model.config.vocab_size, (2, 8), generator=torch.Generator().manual_seed(0), device="cpu")
    dtype = next(model.parameters()).dtype
    reloaded = type(model).from_pretrained(folder, dtype=dtype)
    with torch.no_grad(), evaluation_mode(model):
        here = tokens.to(input_device(model))
        plain = model(here).logits.float().cpu()
        with intervention.apply(model, strength):
            hooked = model(here).logits.float().cpu()
        again = reloaded(tokens).logits.float()
    error = float((again - hooked).abs().max())
    effect = float((hooked - plain).abs().max())
    largest = max(1.0, float(hooked.abs().max()))
    allowed = TOLERANCES[dtype] * largest
    if effect > 0:  # where rounding could hide a change that was dropped, the bake is not proven to act
        allowed = min(allowed, max(effect / 2, TOLERANCES[torch.float32] * largest))
    if not error <= allowed:
        raise HormesisError(
            f"the baked model, reloaded, differs from the hooked one by {error:.2g} in a logit"
            f" (allowed {allowed:.2g}; the whole effect is {effect:.2g})",
            "bake in float32; if it stays, keep the hook: this architecture drops the change",
        )
