"""Loading a causal language model with its tokenizer: from a folder, a hub id, or a GGUF file."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import cast

import torch
from torch import nn
from transformers import AutoModelForCausalLM, GgufConfig, PreTrainedModel, PreTrainedTokenizerBase

from hormesis.errors import HormesisError
from hormesis.models.architecture import Architecture
from hormesis.models.decoding import check_causal
from hormesis.models.language_model import LanguageModel
from hormesis.optional import needed_for
from hormesis.pretrained import read_model, read_tokenizer

logger = logging.getLogger(__name__)

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def load(
    model: str | Path | PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase | None = None,
    *,
    device: str | None = None,
    dtype: str | None = None,
    chat: bool = False,
    architecture: Architecture | None = None,
    trust_remote_code: bool = False,
) -> LanguageModel:
    """Load any causal language model, or take one that is here already.

    :param model: a folder with Hugging Face files, a ``.gguf`` file (or a folder that holds one and no
        ``config.json``; its weights are dequantised), or a hub id, which needs a network unless it is cached. A model
        that is loaded already is taken as it is, but for its mode: it is evaluated.
    :param tokenizer: of a model that is loaded already.
    :param device: ``cpu``, ``cuda``, ``mps``, …, or ``auto`` to spread a large model over what is there (needs
        ``accelerate``); None: a GPU where there is one.
    :param dtype: a name of :data:`DTYPES`; None: ``float32`` on a CPU, where it is fastest, else what the weights are.
    :param chat: prompts are put into the tokenizer's chat template (:attr:`LanguageModel.chat`).
    :param architecture: the names of its modules, where its family is not known.
    :param trust_remote_code: run the Python that comes with the model.
    :raises HormesisError: nothing there, damaged, or no causal language model; weights other than the config's; a
        tokenizer with more tokens than the model; no such device; a package that its format needs is missing.
    """
    if isinstance(model, PreTrainedModel):
        if tokenizer is None or device or dtype:
            raise HormesisError(
                "a model that is loaded already is taken as it is, with its tokenizer",
                "load(model, tokenizer); move or convert the model itself",
            )
        cast(nn.Module, model).eval()
        return LanguageModel.of(model, tokenizer, chat=chat, architecture=architecture)
    if dtype is not None and dtype not in DTYPES:
        raise HormesisError(f"no precision {dtype!r}", f"choose one of {', '.join(DTYPES)}")
    place = device or ("cuda" if torch.cuda.is_available() else "cpu")
    if place != "auto":
        _check_device(place)
    precision: torch.dtype | str = DTYPES[dtype] if dtype else (torch.float32 if place == "cpu" else "auto")
    path, extra, unpacking = Path(model), {}, {}
    if gguf := _gguf_file(path):
        if place == "auto":
            raise HormesisError(
                "a GGUF file is loaded whole", "name one device, or convert the model to safetensors first"
            )
        _announce(gguf, DTYPES[dtype] if dtype else torch.float32)
        path, extra = gguf.parent, {"gguf_file": gguf.name}
        # Else it stays packed where there is a kernel, and calls itself quantised everywhere: it could not be saved.
        unpacking = {"quantization_config": GgufConfig(dequantize=True)}
    source = str(path) if path.exists() else str(model)
    spread = {"device_map": "auto"} if place == "auto" else {}
    loaded = read_model(
        AutoModelForCausalLM,
        source,
        {"dtype": precision, **extra, **unpacking, **spread},
        trust_remote_code=trust_remote_code,
    )
    tokenizer = read_tokenizer(source, extra, trust_remote_code=trust_remote_code)
    causal = cast(nn.Module, loaded)
    if not spread:
        causal = causal.to(torch.device(place))
    name = gguf.name if gguf else (path.resolve().name if path.exists() else str(model))
    found = LanguageModel(cast(PreTrainedModel, causal.eval()), tokenizer, name, chat, architecture)
    if tokenizer.vocab_size > found.vocabulary:
        raise HormesisError(
            f"the tokenizer of {model} has {tokenizer.vocab_size} tokens, and the model knows {found.vocabulary}",
            "load the tokenizer that belongs to the model",
        )
    check_causal(found.model)
    return found


def _check_device(place: str) -> None:
    """:raises HormesisError: there is no such device, here or anywhere."""
    try:
        torch.empty(1, device=torch.device(place))
    except (RuntimeError, AssertionError, NotImplementedError, ImportError) as error:
        have = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
        have += ["mps"] if torch.backends.mps.is_available() else []
        raise HormesisError(f"there is no device {place!r} on this machine", f"choose {', '.join(have)}") from error


def _announce(file: Path, dtype: torch.dtype) -> None:
    """Say how much memory a packed file becomes.

    :raises HormesisError: it is no GGUF file, or the package that reads it is missing.
    """
    with needed_for("reading a GGUF file"):
        from gguf import GGUFReader
    try:
        numbers = sum(int(tensor.n_elements) for tensor in GGUFReader(str(file)).tensors)
    except Exception as error:  # the reader has no error of its own: it fails as its first read does
        raise HormesisError(f"{file} is no whole GGUF file ({error})", "fetch it again") from error
    packed, unpacked = file.stat().st_size / 2**20, numbers * dtype.itemsize / 2**20
    logger.warning("%s: %.0f MB of packed weights become %.0f MB in memory", file.name, packed, unpacked)


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
