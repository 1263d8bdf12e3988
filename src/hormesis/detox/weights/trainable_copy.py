"""A copy of a model to train: quietly, seeded for itself, and gone afterwards."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from hormesis.detox.weights.bake import write_model
from hormesis.errors import HormesisError
from hormesis.leftovers import scratch_folder
from hormesis.models import context_length
from hormesis.pretrained import read_model

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@contextmanager
def trainable_copy(model: PreTrainedModel, longest: int) -> Iterator[tuple[PreTrainedModel, Path]]:
    """A float32 copy of ``model`` to train, read from a folder that it names as its own, and a folder for a trainer.

    trl reads a reference model from the former. Both are gone afterwards.

    :param longest: tokens of an example.
    :raises HormesisError: quantised weights; examples longer than the context.
    """
    context = context_length(model.config)
    if context is not None and longest > context:
        raise HormesisError(
            f"examples of {longest} tokens do not fit the context of {context}",
            f"set max_length to {context} or less",
        )
    if getattr(model, "is_quantized", False):
        raise HormesisError(
            f"this {type(model).__name__} is quantised: its weights cannot be tuned",
            "load it unquantised (dtype=torch.bfloat16)",
        )
    with scratch_folder() as folder, _own_randomness(), _quiet():
        base = folder / "base"
        write_model(model, base)
        trained = read_model(type(model), base, {"dtype": torch.float32})
        torch.nn.Module.to(trained, model.device)
        yield trained, folder / "trainer"


@contextmanager
def _own_randomness() -> Iterator[None]:
    """Trainers seed Python's, numpy's and torch's random numbers; afterwards they go on where they were."""
    python, numpy = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng():
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars for the copy's files, and no word about what later versions of transformers will rename."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
