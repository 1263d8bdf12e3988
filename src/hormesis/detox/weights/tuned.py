"""What training changed in a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from torch import Tensor, nn

from hormesis.detox.weights.change import DenseChange, LowRankChange, WeightChange
from hormesis.errors import HormesisError

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def changes_of(trained: nn.Module, base: PreTrainedModel) -> Mapping[str, WeightChange]:
    """ΔW of every weight of ``base`` that training changed: the factors where LoRA was trained, else differences.

    :raises HormesisError: training diverged.
    """
    from peft import PeftModel

    if isinstance(trained, PeftModel):
        changes: dict[str, WeightChange] = dict(_factors(trained.get_base_model()))
    else:
        before = dict(base.named_parameters())
        changes = {}
        for name, weight in trained.named_parameters():
            difference = weight.detach().float().cpu() - before[name].detach().float().cpu()
            if bool(difference.any()):
                changes[name] = DenseChange(difference)
    numbers = [tensor for change in changes.values() for tensor in change.tensors().values()]
    if not all(bool(tensor.isfinite().all()) for tensor in numbers):
        raise HormesisError("the fine-tuning diverged: its weights are not finite", "lower the learning rate")
    return changes


def _factors(model: nn.Module) -> Iterator[tuple[str, LowRankChange]]:
    from peft.tuners.lora import LoraLayer

    for name, module in model.named_modules():
        if isinstance(module, LoraLayer):
            (adapter,) = module.lora_A
            right = cast(Tensor, module.lora_A[adapter].weight).detach().float().cpu()
            left = module.scaling[adapter] * cast(Tensor, module.lora_B[adapter].weight).detach().float().cpu()
            if getattr(module, "fan_in_fan_out", False):  # the weight is [in, out]
                left, right = right.T, left.T
            yield f"{name}.weight", LowRankChange(left.contiguous(), right.contiguous())
