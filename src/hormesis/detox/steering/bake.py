"""Writing an intervention into a checkpoint, so that it acts without hormesis.

A projection is linear, W (z + δ) + b = W z + (b + W δ), so that a displacement of its input or output acts exactly
like a bias, and a linear map of either like another weight. The published bake of the reference code leaves out W; and
where a model has no such biases, ``config.attention_bias`` (or ``mlp_bias``) must be turned on, with every other such
bias present as an explicit zero: otherwise transformers drops the new bias on reload, without a word. So the folder is
read back and compared before it counts.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor, nn

from hormesis.detox.intervention import Intervention
from hormesis.detox.reload import BAKED, check_reload, refuse_quantised, sample_logits
from hormesis.errors import HormesisError
from hormesis.files import write_folder

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase


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
    plain = sample_logits(model)
    with intervention.apply(model, strength):
        hooked = sample_logits(model)
    with write_folder(folder, BAKED) as temporary:
        baked.save_pretrained(temporary)
        if tokenizer is not None:
            tokenizer.save_pretrained(temporary)
        check_reload(model, temporary, hooked, plain)
    return folder


def added_biases(model: PreTrainedModel, folder: Path) -> tuple[str, ...]:
    """The biases, other than zero, that a baked checkpoint has and ``model`` lacks, by name: the change is in them."""
    from safetensors import safe_open

    known, found = set(model.state_dict()), set()
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as weights:
            new = [name for name in weights.keys() if name.endswith(".bias") and name not in known]  # noqa: SIM118
            found |= {name for name in new if bool(weights.get_tensor(name).any())}
    return tuple(sorted(found))


def one_strength(strength: object) -> float:
    """``strength`` if it is a number.

    :raises HormesisError: it is anything else, such as a tensor with one for each row.
    """
    if not isinstance(strength, int | float):
        raise HormesisError("a baked model has one strength, and was given several", "bake once for each strength")
    return float(strength)


def refuse_norm(module: nn.Module, name: str, model_type: str) -> None:
    """:raises HormesisError: what writes to the residual stream there is a norm, as in OLMo-2 and OLMo-3."""
    if "norm" in type(module).__name__.lower():
        raise HormesisError(
            f"{name} of this {model_type} model is a {type(module).__name__}: it writes to the residual stream, and its"
            " weights cannot carry this intervention",
            "keep the hook (apply), or bake another method (iti)",
        )


def matrix_of(module: nn.Module, name: str) -> Tensor:
    """The weight of a linear module as float64 [out, in], or of an embedding as [width, vocabulary].

    :raises HormesisError: it is quantised, or wrapped in something else.
    """
    from transformers.pytorch_utils import Conv1D

    weight = getattr(module, "weight", None)
    if isinstance(module, nn.Embedding) and type(module) is not nn.Embedding:
        raise HormesisError(
            f"{name} is a {type(module).__name__}, which does more than look up its weights (as Gemma's, which scales)",
            "keep the hook (apply), or bake another method (iti)",
        )
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


def displaced_bias(module: nn.Module, name: str, displacement: Tensor, side: Literal["input", "output"]) -> Tensor:
    """b + W · displacement, or b + displacement of the output, in the precision of the weights; displacement is
    [in] or [out]."""
    matrix = matrix_of(module, name)
    weight = module.weight
    assert isinstance(weight, Tensor)
    shift = displacement.to(matrix)
    return (bias_of(module, matrix) + (matrix @ shift if side == "input" else shift)).to(weight.dtype)


def _with_parameters(model: PreTrainedModel, parameters: Mapping[str, Tensor]) -> PreTrainedModel:
    """A model of the same class that shares all other weights with ``model``."""
    refuse_quantised(model)
    config = copy.deepcopy(model.config)
    stored = model.state_dict()
    weights = {**stored, **parameters}
    embedding = model.get_input_embeddings().weight
    assert isinstance(embedding, Tensor)
    place = embedding.data_ptr()
    shared = [name for name, tensor in stored.items() if tensor.data_ptr() == place]  # more than one where it is tied
    if len(shared) > 1 and any(name in parameters for name in shared):
        config.tie_word_embeddings = False
    baked = _skeleton(type(model), config, parameters)
    for name, tensor in baked.state_dict().items():
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


def _skeleton(kind: type[PreTrainedModel], config: PreTrainedConfig, names: Iterable[str]) -> PreTrainedModel:
    """A model without values that has all parameters of ``names``, with biases turned on where one needs it.

    :raises HormesisError: this architecture has no such biases.
    """
    homeless: list[str] = []
    for flag in (None, "attention_bias", "mlp_bias"):
        settings = copy.deepcopy(config)
        if flag is not None:
            setattr(settings, flag, True)
        with torch.device("meta"):
            skeleton = kind(settings)
        expected = skeleton.state_dict()
        homeless = homeless or sorted(name for name in names if name not in expected)
        if all(name in expected for name in names):
            return skeleton
    raise HormesisError(
        f"a {config.model_type} model cannot carry a bias at {homeless[0]}: a reload would drop it",
        "keep the hook (apply), or convert the model to one with config.attention_bias and mlp_bias, such as llama",
    )
