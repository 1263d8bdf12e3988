"""The gradient of a loss with respect to the choice of tokens: the one-hot relaxation.

With e_v the embedding of token v, the input at an attacked column is relaxed from e_x to Σ_v r_v e_v, r = one-hot(x);
∂L/∂r_v says, to first order, how the loss changes if v takes the place of x (Ebrahimi et al. 2018, HotFlip, arXiv
1712.06751). The model is still given token ids, and the embedding module's output is displaced: so whatever reads ids
works as it does in use, edits of single positions and the second stream of self-debiasing included. An expert model
beside it (DExperts) has embeddings of its own, which the gradient leaves out: it only proposes candidates, and these
are judged by the exact loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from hormesis.attacks.objective import TargetBatch, fit_of
from hormesis.detox import Intervention


def token_gradient(
    model: PreTrainedModel, batch: TargetBatch, columns: Tensor, intervention: Intervention, strength: float
) -> Tensor:
    """∂ mean loss / ∂ r, float32 [columns, vocabulary], on the processor.

    :param columns: [columns], attacked; the same, and holding the same tokens, in all rows.
    """
    vocabulary = cast(Tensor, model.get_input_embeddings().weight).shape[0]
    chosen = torch.nn.functional.one_hot(batch.ids[0, columns], vocabulary).float().requires_grad_()
    # Inside the intervention to the end: what changes weights in place must not put them back before the backward pass.
    with (
        torch.enable_grad(),
        intervention.apply(model, strength, prompt_lengths=batch.prompt_lengths),
        relaxed(model, batch, columns, chosen),
    ):
        (gradient,) = torch.autograd.grad(fit_of(model, batch).losses.mean(), chosen)
    return gradient


@contextmanager
def relaxed(model: PreTrainedModel, batch: TargetBatch, columns: Tensor, choice: Tensor) -> Iterator[None]:
    """Let the model read Σ_v r_v e_v at ``columns``, where ``choice`` is r, [columns, vocabulary]."""
    embedding = model.get_input_embeddings()
    weight = cast(Tensor, embedding.weight).detach()
    scale = getattr(embedding, "embed_scale", 1.0)  # Gemma 3 scales within the module
    width = batch.ids.shape[1]
    present = torch.nn.functional.one_hot(batch.ids[0, columns], len(weight)).to(choice)

    def hook(_module: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> Tensor:
        ahead = arguments[0].shape[1] - width  # a second stream reads a prefix before the text
        displaced = ((choice - present).to(weight) @ weight) * scale
        return output.index_add(1, (columns + ahead).to(output.device), displaced.expand(len(output), -1, -1))

    handle = embedding.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()
