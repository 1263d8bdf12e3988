"""Tampering: the attacker fine-tunes the detoxified model. How many steps until it is toxic again?

*Benign* tampering trains on clean text, *adversarial* on toxic text (Deep Ignorance, arXiv 2508.06601; that preference
tuning bypasses toxicity rather than removes it is Lee et al. 2024, arXiv 2401.01967). The attacker has the weights:

- a method that changes weights (SFT, DPO) is tampered as the weights W + α ΔW that it gives;
- a method that acts beside the weights (hooks, prompts, a second stream) is tampered as W, and stays applied to what
  becomes of W.

Each number of steps is an attack of its own, from the beginning, whose learning rate falls to 0 at its end: the curve
is over the attacker's budget. Zero steps is the detoxified model itself, to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hormesis.detox import Intervention, SupervisedConfig
    from hormesis.models import LanguageModel


@contextmanager
def tampered(
    lm: LanguageModel,
    intervention: Intervention,
    strength: float,
    texts: Sequence[str],
    tuning: SupervisedConfig | None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[None]:
    """Let ``model`` have tampered weights; within, ``intervention`` is applied as ever. Afterwards all is as it was.

    :param tuning: the attack; None: no step is made, and no bit is changed.
    :param progress: called with (steps done, steps).
    :raises HormesisError: as :func:`~hormesis.detox.supervised_fine_tuning`.
    """
    if tuning is None:
        yield
        return
    from hormesis.detox import supervised_fine_tuning

    # A method with models of its own (DExperts) makes them when it meets the model: before anyone tampers with it.
    with intervention.apply(lm.model, strength):
        pass
    attacked = nullcontext() if intervention.rowwise else intervention.apply(lm.model, strength)
    with attacked:
        change = supervised_fine_tuning(lm, texts, tuning, progress=progress)
    with change.apply(lm.model, 1.0):
        yield
