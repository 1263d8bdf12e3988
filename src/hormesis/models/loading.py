"""Loading a causal language model with its tokenizer: from a folder, a hub id, or a GGUF file."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig, PreTrainedModel, PreTrainedTokenizerBase

from hormesis.errors import HormesisError
from hormesis.models.language_model import LanguageModel

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def load(
    model: str | Path | PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase | None = None,
    *,
    device: str | None = None,
    dtype: str | None = None,
) -> LanguageModel:
    """Load any causal language model, or take one that is here already.

    :param model: a folder with Hugging Face files, a ``.gguf`` file (or a folder that holds one and no
        ``config.json``; its weights are dequantised), or a hub id, which needs a network unless it is cached. A model
        that is loaded already is taken as it is, but for its mode: it is evaluated.
    :param tokenizer: of a model that is loaded already.
    :param device: ``cpu``, ``cuda``, ``mps``, …, or ``auto`` to spread a large model over what is there (needs
        ``accelerate``); None: a GPU where there is one.
    :param dtype: a name of :data:`DTYPES`; None: ``float32`` on a CPU, where it is fastest, else what the weights are.
    :raises HormesisError: nothing there, no causal language model, or a package that its format needs is missing.
    """
    if isinstance(model, PreTrainedModel):
        if tokenizer is None or device or dtype:
            raise HormesisError(
                "a model that is loaded already is taken as it is, with its tokenizer",
                "load(model, tokenizer); move or convert the model itself",
            )
        cast(nn.Module, model).eval()
        return LanguageModel.of(model, tokenizer)
    if dtype is not None and dtype not in DTYPES:
        raise HormesisError(f"no precision {dtype!r}", f"choose one of {', '.join(DTYPES)}")
    place = device or ("cuda" if torch.cuda.is_available() else "cpu")
    precision: torch.dtype | str = DTYPES[dtype] if dtype else (torch.float32 if place == "cpu" else "auto")
    path, extra, unpacking = Path(model), {}, {}
    if gguf := _gguf_file(path):
        path, extra = gguf.parent, {"gguf_file": gguf.name}
        # Else it stays packed where there is a kernel, and calls itself quantised everywhere: it could not be saved.
        unpacking = {"quantization_config": GgufConfig(dequantize=True)}
    source = str(path) if path.exists() else str(model)
    if extra and place == "auto":
        raise HormesisError("a GGUF file is loaded whole", "name one device, or convert the model to safetensors first")
    spread = {"device_map": "auto"} if place == "auto" else {}
    try:
        loaded = AutoModelForCausalLM.from_pretrained(source, dtype=precision, **extra, **unpacking, **spread)
        tokenizer = AutoTokenizer.from_pretrained(source, **extra)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise HormesisError(
            f"{model} cannot be loaded as a causal language model"
            f" ({type(error).__name__}: {str(error).strip().splitlines()[0]})",
            "give a folder with config.json and safetensors, a .gguf file (it needs the package gguf), or a hub id with"
            " a network",
        ) from error
    causal = cast(nn.Module, loaded)
    if not spread:
        causal = causal.to(torch.device(place))
    name = gguf.name if gguf else (path.resolve().name if path.exists() else str(model))
    return LanguageModel(cast(PreTrainedModel, causal.eval()), tokenizer, name)


def _gguf_file(path: Path) -> Path | None:
    """The GGUF file that ``path`` is, or that a folder without Hugging Face files holds.

    :raises HormesisError: the folder holds several.
    """
    if path.is_file() and path.suffix == ".gguf":
        return path
    if not path.is_dir() or (path / "config.json").is_file():
        return None
    files = sorted(path.glob("*.gguf"))
    if len(files) > 1:
        raise HormesisError(
            f"{path} holds {len(files)} GGUF files", f"name one of them: {', '.join(file.name for file in files)}"
        )
    return files[0] if files else None
