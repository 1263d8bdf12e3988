"""Writing a model with changed weights to a folder that stands for itself."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING

from hormesis.detox.reload import BAKED, check_reload, refuse_quantised, sample_logits
from hormesis.files import write_folder

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def bake_weights(model: PreTrainedModel, folder: Path, *, tokenizer: PreTrainedTokenizerBase | None = None) -> Path:
    """Write ``model`` as it now is to ``folder``, whole or not at all, and only if a reload gives the same logits.

    :param tokenizer: saved beside the weights.
    :raises HormesisError: quantised weights, or a reload that differs.
    """
    refuse_quantised(model)
    with write_folder(folder, BAKED) as temporary:
        write_model(model, temporary)
        if tokenizer is not None:
            tokenizer.save_pretrained(temporary)
        check_reload(model, temporary, sample_logits(model))
    return folder


def write_model(model: PreTrainedModel, folder: Path) -> None:
    """``model.save_pretrained(folder)``, which also notes precision and class in the config: here in a copy of it."""
    config = model.config
    model.config = copy.deepcopy(config)
    try:
        model.save_pretrained(folder)
    finally:
        model.config = config
