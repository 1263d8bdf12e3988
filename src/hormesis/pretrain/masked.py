"""Training on rows of which parts carry no loss (``label_mask``): the loss is the mean over learned tokens.

OLMo-core turns a row's mask into ignored labels, which our head and its own leave out of loss and gradient, and divides
a batch's summed loss by the learned tokens *of the process*. That is the mean only while each process has as many. Here
it is divided by their mean over the processes, so that after gradients are averaged every learned token weighs the
same:

    1/P Σ_p (Σ_i loss_pi / (1/P Σ_p n_p)) = Σ_pi loss_pi / Σ_p n_p
"""

from __future__ import annotations

import torch
import torch.distributed as dist
from olmo_core.data.composable import InstanceSource
from olmo_core.data.utils import get_labels
from olmo_core.distributed.utils import is_distributed
from olmo_core.nn.lm_head import LMOutputWithLoss
from olmo_core.train.train_module import TransformerTrainModule
from torch import Tensor

from hormesis.errors import HormesisError


def has_masks(mixture: InstanceSource) -> bool:
    """Whether the rows of a mixture say which of their tokens are learned; all do, or none."""
    return "label_mask" in mixture[0]


class MaskedTrainModule(TransformerTrainModule):
    """OLMo-core's train module, for rows with masks.

    :raises HormesisError: (while training) no token of a batch carries loss, so that it has no mean.
    """

    _learned: Tensor | None = None

    def train_batch(self, batch: dict[str, Tensor], dry_run: bool = False) -> None:
        """One step: as OLMo-core's, with the divisor of the module's equation."""
        if "labels" not in batch:
            batch["labels"] = get_labels(batch, label_ignore_index=self.label_ignore_index)
        learned = (batch["labels"] != self.label_ignore_index).sum().to(self.device, torch.float32)
        if is_distributed():
            dist.all_reduce(learned, group=self.dp_process_group)
            learned /= dist.get_world_size(self.dp_process_group)
        if not learned and not dry_run:
            raise HormesisError(
                "no token of a whole batch carries loss",
                "mix in more rows that are learned, spread them (`placement: uniform`), or raise batch_rows",
            )
        self._learned = learned.clamp(min=1)
        super().train_batch(batch, dry_run=dry_run)  # type: ignore[no-untyped-call, unused-ignore]

    def model_forward(
        self,
        input_ids: Tensor,
        labels: Tensor | None = None,
        **options: object,
    ) -> Tensor | LMOutputWithLoss:
        """One micro-batch; in training, divided by :attr:`_learned`."""
        if options.get("loss_div_factor") is not None:
            options["loss_div_factor"] = self._learned
        return super().model_forward(input_ids, labels, **options)
