"""The state that the modules of a model are in: their mode, and their device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import torch
    from torch import nn
    from transformers import PreTrainedModel


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """No dropout within the context; every module is back in its own mode afterwards."""
    training = [module for module in model.modules() if module.training]
    model.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True


def input_device(model: PreTrainedModel) -> torch.device:
    """Where the token ids of a (possibly sharded) model belong: beside its input embeddings."""
    return cast("torch.Tensor", model.get_input_embeddings().weight).device
