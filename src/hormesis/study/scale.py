"""What a study takes on GPUs that are not here: hours, days, disk and money, from published throughput.

The one figure that is published for our kind of training is OLMo-core's on an H100: the 1 B model at 4,096 tokens in
bf16 trains at 44,000 tokens/s a GPU (they call it 41 % of the peak; by the operations that we count it is
:data:`UTILISATION`). Other chips are taken to reach the same share of their own peak, which is a guess, and is said to
be one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hormesis.errors import HormesisError
from hormesis.study.engine.cost import EVALUATION_EFFICIENCY, TRAINING_EFFICIENCY, estimate_cells

if TYPE_CHECKING:
    from hormesis.study.engine.cell import Cell
    from hormesis.study.plan import Plan

UTILISATION = 0.377
"""Of the peak, in training: 44,000 tokens/s of OLMo-core's 1 B model on an H100, by its ``num_flops_per_token``."""
PUBLISHED = "h100"
_BYTES_A_WEIGHT = 4  # a finished model is kept in float32
_BYTES_A_WEIGHT_IN_TRAINING = 24  # two checkpoints with weights and two moments
_BYTES_A_TOKEN = 4


@dataclass(frozen=True)
class Gpu:
    """A kind of GPU, by its data sheet.

    :param peak: FLOP/s of dense bf16 products.
    :param memory: bytes.
    """

    peak: float
    memory: float


GPUS: Mapping[str, Gpu] = {
    "a100": Gpu(312e12, 80e9),
    "b200": Gpu(2250e12, 180e9),
    "h100": Gpu(989.4e12, 80e9),
    "h200": Gpu(989.4e12, 141e9),
    "l40s": Gpu(362e12, 48e9),
    "rtx4090": Gpu(165.2e12, 24e9),
}


@dataclass(frozen=True)
class OnGpus:
    """What the cells that are to run take.

    :param tokens_per_second: of training, a GPU.
    :param hours: GPU-hours by kind of cell.
    :param gpus: so many side by side; a cell has one of them.
    :param elapsed: hours on them: no less than the longest chain of cells that need each other.
    :param memory_bytes: of the cell that takes the most, if its whole batch is taken at once.
    :param disk_bytes: kept at the end, and needed on the way beside it.
    :param price: of a GPU-hour; ``cost`` in the same currency.
    """

    gpu: str
    tokens_per_second: float
    hours: Mapping[str, float]
    gpus: int
    elapsed: float
    memory_bytes: float
    disk_bytes: tuple[float, float]
    price: float | None = None

    @property
    def total(self) -> float:
        """GPU-hours."""
        return sum(self.hours.values())

    @property
    def cost(self) -> float | None:
        """Of all GPU-hours."""
        return None if self.price is None else self.price * self.total

    @property
    def is_published(self) -> bool:
        """Whether the throughput is that of a published run, not a guess from one."""
        return self.gpu == PUBLISHED


def on_gpus(
    plan: Plan, to_run: tuple[Cell[Any], ...], gpu: str, *, gpus: int = 1, price: float | None = None
) -> OnGpus:
    """What ``to_run`` takes on ``gpus`` GPUs of the kind ``gpu`` (a name of :data:`GPUS`).

    Evaluation is taken to reach as much less of the peak than training as it does on CPUs; nobody has measured it.

    :param price: of a GPU-hour.
    :raises HormesisError: no such GPU is known.
    """
    from hormesis.pretrain import parameter_count
    from hormesis.pretrain.cost import estimate
    from hormesis.study.cells.corpus import CorpusInputs
    from hormesis.study.cells.pretrain import PretrainInputs
    from hormesis.study.engine.cost import vocabulary_of

    if gpu not in GPUS:
        raise HormesisError(f"no GPU {gpu!r} is known", f"choose one of {', '.join(GPUS)}")
    config, peak = plan.config, GPUS[gpu].peak
    costs = estimate_cells(plan, peak * UTILISATION / TRAINING_EFFICIENCY)
    hours: dict[str, float] = {}
    ends: dict[str, float] = {}
    for cell in to_run:  # each after those that it needs
        own = costs[cell.name].seconds / 3600
        hours[cell.kind] = hours.get(cell.kind, 0.0) + own
        ends[cell.name] = own + max((ends.get(need.name, 0.0) for need in cell.needs.values()), default=0.0)
    vocabulary = vocabulary_of(config)
    parameters = parameter_count(config.training.preset, vocabulary)
    per_token = estimate(config.training, vocabulary, config.training.batch_rows)
    trained = [cell for cell in to_run if isinstance(cell.inputs, PretrainInputs)]
    corpus = any(isinstance(cell.inputs, CorpusInputs) for cell in to_run)
    longest = max((costs[cell.name].tokens for cell in trained), default=0)
    kept = len(trained) * _BYTES_A_WEIGHT * parameters + (corpus * _BYTES_A_TOKEN * longest)
    return OnGpus(
        gpu=gpu,
        tokens_per_second=peak * UTILISATION * per_token.tokens / per_token.flops,
        hours=hours,
        gpus=gpus,
        elapsed=max(sum(hours.values()) / gpus, max(ends.values(), default=0.0)),
        memory_bytes=float(max((costs[cell.name].memory_bytes for cell in to_run), default=0)),
        disk_bytes=(float(kept), float(min(gpus, len(trained)) * _BYTES_A_WEIGHT_IN_TRAINING * parameters)),
        price=price,
    )


def evaluation_share() -> float:
    """Of the peak that evaluation is taken to reach."""
    return UTILISATION * EVALUATION_EFFICIENCY / TRAINING_EFFICIENCY
