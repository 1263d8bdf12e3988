"""From OLMo-core's model to a Hugging Face folder that stands alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import torch
from olmo_core.nn.hf import save_hf_model
from olmo_core.nn.transformer import Transformer
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase
from transformers.utils import logging

from hormesis.files import write_folder
from hormesis.marks import FolderKind, is_ours
from hormesis.pretrained import read_model

EXPORTED = FolderKind("a trained model", lambda folder: is_ours(folder.parent))
_TOLERANCE = 2e-4  # fp32: another order of the same sums; a wrong theta or epsilon differs by far more


class ExportError(RuntimeError):
    """The exported model does not compute what the trained one does: a defect, not bad input."""


def export(
    model: Transformer,
    weights: dict[str, torch.Tensor],
    tokenizer: PreTrainedTokenizerBase,
    folder: Path,
    *,
    sequence_length: int,
    sample: torch.Tensor,
) -> None:
    """Write ``Olmo2ForCausalLM`` and its tokenizer to ``folder``; compare logits with the trained model's.

    :param weights: OLMo-core's state dict, whole and on the CPU.
    :param sample: token ids ``[rows, sequence_length]`` to compare on.
    :raises ExportError: logits differ; ``folder`` is not written then.
    """
    with _no_progress_bars(), write_folder(folder, EXPORTED) as temporary:
        save_hf_model(str(temporary), weights, model, cast(AutoTokenizer, tokenizer), save_overwrite=True)
        tokenizer.model_max_length = sequence_length
        tokenizer.save_pretrained(temporary)
        exported = read_model(AutoModelForCausalLM, temporary, {"dtype": torch.float32})
        # OLMo-core leaves -1; generation and evaluation tools want to know how long a text may be.
        exported.config.max_position_embeddings = sequence_length
        exported.config.save_pretrained(temporary)
        compare_logits(model, exported, sample)


@torch.no_grad()
def compare_logits(model: Transformer, exported: torch.nn.Module, sample: torch.Tensor) -> None:
    """:raises ExportError: on ``sample`` [rows, tokens] the models' logits differ by more than rounding."""
    model.eval()
    exported.eval()
    ours = model(sample).float()
    theirs = exported(sample).logits.float()
    difference = (ours - theirs).abs().max().item()
    if not difference <= _TOLERANCE * max(1.0, ours.abs().max().item()):
        raise ExportError(f"the exported logits differ from the trained model's by up to {difference:.3g}")


@contextmanager
def _no_progress_bars() -> Iterator[None]:
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
