"""Which device cells run on: a process sees its own GPU, or none, and so does every library in it.

A GPU is chosen by ``CUDA_VISIBLE_DEVICES`` before anything of CUDA begins, as Ray does: OLMo-core, transformers and our
own rooms then agree without being told. Several small cells may share one, each with its share of the memory.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from hormesis.errors import HormesisError

VISIBLE = "CUDA_VISIBLE_DEVICES"


@dataclass(frozen=True)
class Device:
    """Where a process computes.

    :param gpu: its name among those that are visible (a number or a UUID); None: the CPU; empty: whichever it sees.
    :param share: of its memory that the process may take.
    """

    gpu: str | None = None
    share: float = 1.0

    @property
    def kind(self) -> str:
        """As PyTorch names it within the process."""
        return "cpu" if self.gpu is None else "cuda"

    def take(self) -> None:
        """Make it this process's only one; before anything of CUDA begins."""
        if self.gpu != "":
            os.environ[VISIBLE] = self.gpu or ""
        if self.gpu is not None and self.share < 1:
            import torch

            torch.cuda.set_per_process_memory_fraction(self.share)


def gpus(wanted: str) -> tuple[str, ...]:
    """The names of the GPUs that cells are to run on; none: the CPU.

    :param wanted: ``auto`` (GPUs where there are some), ``cpu``, ``cuda`` (all), or ``cuda:N``.
    :raises HormesisError: there is no such GPU here.
    """
    if wanted == "cpu":
        return ()
    import torch

    count = torch.cuda.device_count()  # a question to the driver: nothing of CUDA begins
    named = [one.strip() for one in os.environ.get(VISIBLE, "").split(",") if one.strip()]
    found = tuple(named[:count]) if len(named) >= count else tuple(str(number) for number in range(count))
    if wanted == "auto":
        return found
    number = re.fullmatch(r"cuda(?::(\d+))?", wanted)
    place = int(number[1]) if number and number[1] else None
    if not found or (place is not None and place >= count):
        raise HormesisError(
            f"`execution.device` is {wanted}, and there {_there_are(count)} here",
            "write `execution: {device: auto}` into the study, or run it where there is one",
        )
    return found if place is None else (found[place],)


def _there_are(count: int) -> str:
    return {0: "is no GPU", 1: "is one GPU (cuda:0)"}.get(count, f"are {count} GPUs (cuda:0 to cuda:{count - 1})")
