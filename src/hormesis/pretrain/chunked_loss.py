"""The output head for CPUs: logits, loss and their gradients chunk by chunk, so that logits never leave the cache.

At 4096 tokens and a vocabulary of 4096, fp32 logits are 64 MB, and the default loss walks over them about ten times,
forward and backward. Here a chunk of rows of them is computed, turned into loss and gradient in place, multiplied
into the gradients of the hidden states and the weight, and overwritten by the next: the idea of Liger-Kernel's fused
linear cross-entropy (arXiv 2410.10989, §3.3), which OLMo-core offers as ``fused_linear`` but which needs Triton.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

import torch
from olmo_core.nn.lm_head import LMHead, LMHeadConfig, LMHeadType, LMOutputWithLoss
from torch import Tensor

_CHUNK_FLOATS = 1 << 20  # 4 MB of logits: two chunks' worth of traffic stays in a server core's L2 and L3 share


@dataclass
class ChunkedLMHeadConfig(LMHeadConfig):
    """OLMo-core's config of the head, building :class:`ChunkedLMHead`."""

    def build(self, *, d_model: int, vocab_size: int, init_device: str = "cpu") -> LMHead:
        head = super().build(d_model=d_model, vocab_size=vocab_size, init_device=init_device)
        # The same parameters and settings, with another forward: nothing of OLMo-core's building is repeated here.
        head.__class__ = ChunkedLMHead
        return head


def chunked(head: LMHeadConfig) -> LMHeadConfig:
    """``head`` with the chunked loss, or ``head`` itself where it is a kind of its own."""
    if head.name != LMHeadType.default or head.bias:
        return head
    return ChunkedLMHeadConfig(
        layer_norm=head.layer_norm, bias=head.bias, dtype=head.dtype, loss_implementation=head.loss_implementation
    )


class ChunkedLMHead(LMHead):
    """OLMo-core's head, with a chunked loss where it applies: training on a CPU with a summed loss.

    Everything else (logits, evaluation, GPUs, tensor parallelism) is OLMo-core's own.
    """

    def forward(
        self,
        x: Tensor,
        *,
        labels: Tensor | None = None,
        ignore_index: int = -100,
        loss_reduction: Literal["mean", "sum", "none"] = "mean",
        z_loss_multiplier: float | None = None,
        loss_div_factor: Tensor | float | None = None,
        return_logits: bool | None = None,
        logits_to_keep: int | Tensor = 0,
    ) -> Tensor | LMOutputWithLoss:
        applies = (
            labels is not None
            and return_logits is False
            and loss_reduction == "sum"
            and isinstance(logits_to_keep, int)
            and logits_to_keep == 0
            and x.device.type == "cpu"
            and x.dtype == self.w_out.weight.dtype == torch.float32
            and not torch.is_autocast_enabled("cpu")
            and self.w_out.bias is None
            and not (self.tp_enabled or self.cp_enabled)
        )
        if not applies or labels is None:
            return super().forward(
                x,
                labels=labels,
                ignore_index=ignore_index,
                loss_reduction=loss_reduction,
                z_loss_multiplier=z_loss_multiplier,
                loss_div_factor=loss_div_factor,
                return_logits=return_logits,
                logits_to_keep=logits_to_keep,
            )
        hidden = x if self.norm is None else self.norm(x)
        cross_entropy, z_loss = chunked_cross_entropy(
            hidden.reshape(-1, self.d_model),
            self.w_out.weight,
            labels.reshape(-1),
            ignore_index=ignore_index,
            z_loss_multiplier=z_loss_multiplier or 0.0,
        )
        divisor = 1.0 if loss_div_factor is None else loss_div_factor
        return LMOutputWithLoss(
            logits=None,
            loss=(cross_entropy + z_loss) / divisor,
            ce_loss=cross_entropy.detach() / divisor,
            z_loss=None if z_loss_multiplier is None else z_loss.detach() / divisor,
        )


def chunked_cross_entropy(
    hidden: Tensor, weight: Tensor, labels: Tensor, *, ignore_index: int = -100, z_loss_multiplier: float = 0.0
) -> tuple[Tensor, Tensor]:
    """Summed cross-entropy and z-loss of ``hidden @ weight.T`` against ``labels``, without the whole logits.

    :param hidden: ``[tokens, width]``. :param weight: ``[vocabulary, width]``. :param labels: ``[tokens]``.
    :return: two scalars; their gradients are those of the sum of both, so use them as one sum or not at all.
    """
    cross_entropy, z_loss = cast(
        tuple[Tensor, Tensor],
        _ChunkedCrossEntropy.apply(hidden, weight, labels, ignore_index, z_loss_multiplier),  # type: ignore[no-untyped-call]
    )
    return cross_entropy, z_loss


class _ChunkedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, labels: Tensor, ignore_index: int, z_loss_multiplier: float
    ) -> tuple[Tensor, Tensor]:
        tokens, vocabulary = hidden.shape[0], weight.shape[0]
        size = max(16, min(tokens, _CHUNK_FLOATS // vocabulary))
        hidden_gradient, weight_gradient = torch.empty_like(hidden), torch.zeros_like(weight)
        buffer = hidden.new_empty(size, vocabulary)
        totals = hidden.new_zeros(2)
        for start in range(0, tokens, size):
            rows = slice(start, min(start + size, tokens))
            logits = torch.mm(hidden[rows], weight.t(), out=buffer[: rows.stop - start])
            totals += _loss_and_gradient_(logits, labels[rows], ignore_index, z_loss_multiplier)
            torch.mm(logits, weight, out=hidden_gradient[rows])
            weight_gradient.addmm_(logits.t(), hidden[rows])
        ctx.save_for_backward(hidden_gradient, weight_gradient)
        return totals[0].clone(), totals[1].clone()

    @staticmethod
    def backward(ctx: Any, cross_entropy: Tensor, _: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        # Both outputs enter the loss with the same factor (see chunked_cross_entropy), so one of theirs is enough.
        hidden_gradient, weight_gradient = ctx.saved_tensors
        return hidden_gradient * cross_entropy, weight_gradient * cross_entropy, None, None, None


def _loss_and_gradient_(logits: Tensor, labels: Tensor, ignore_index: int, z_loss_multiplier: float) -> Tensor:
    """Summed (cross-entropy, z-loss) of ``logits`` [rows, vocabulary], which become the gradient of their sum.

    With s = softmax(x) and L = logsumexp(x): d(L - x_y)/dx = s - onehot(y), d(m L²)/dx = 2 m L s.
    """
    counted = labels != ignore_index
    targets = torch.where(counted, labels, 0).unsqueeze(1)
    weights = counted.to(logits.dtype)
    largest = logits.amax(1, keepdim=True)
    at_target = logits.gather(1, targets).squeeze(1)
    logits.sub_(largest).exp_()
    normaliser = logits.sum(1)
    log_partition = normaliser.log() + largest.squeeze(1)
    logits.mul_((weights * (1 + 2 * z_loss_multiplier * log_partition) / normaliser).unsqueeze(1))
    logits.scatter_add_(1, targets, -weights.unsqueeze(1))
    cross_entropy = ((log_partition - at_target) * weights).sum()
    return torch.stack((cross_entropy, z_loss_multiplier * (log_partition.square() * weights).sum()))
