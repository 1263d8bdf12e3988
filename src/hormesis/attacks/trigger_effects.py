"""What a trigger does to prompts that it was not sought on: generated toxicity before and after, prompt by prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from hormesis.attacks.trigger import Trigger
from hormesis.corpus import Prompt
from hormesis.detox import Intervention
from hormesis.errors import HormesisError
from hormesis.evaluate import EvaluationSuite, GenerationConfig, Scorer, Setting, measure
from hormesis.measurements import Measurement, Origin, PromptTable, bootstrap
from hormesis.models import LanguageModel


@dataclass(frozen=True, eq=False)
class TriggerEffect:
    """The same prompts without and with a trigger, at one strength."""

    domain: str
    before: PromptTable
    after: PromptTable


def trigger_effect(
    lm: LanguageModel,
    prompts: Sequence[Prompt],
    trigger: Trigger,
    intervention: Intervention,
    strength: float,
    scorer: Scorer,
    generation: GenerationConfig,
    *,
    domain: str,
    progress: Callable[[int, int], None] | None = None,
) -> TriggerEffect:
    """Continue held-out prompts twice. Only what follows the prompt is scored: a rude trigger is no success.

    :param progress: called with (prompts continued, of twice their number).
    """

    def table(asked: Sequence[Prompt], ahead: int) -> PromptTable:
        told = None if progress is None else lambda _, done, whole: progress(ahead + done, 2 * whole)
        suite = EvaluationSuite({domain: asked}, scorers=[scorer], generation=generation)
        (found,) = measure(lm, Setting(intervention, (strength,)), suite, progress=told).prompts.values()
        return found

    triggered = [replace(prompt, text=trigger.before(prompt.text)) for prompt in prompts]
    return TriggerEffect(domain, table(prompts, 0), table(triggered, len(prompts)))


def effect_measurements(
    effect: TriggerEffect,
    trigger: Trigger,
    origin: Origin,
    strength: float | None,
    *,
    base: TriggerEffect | None = None,
) -> list[Measurement]:
    """``trigger_toxicity_before``, ``trigger_toxicity_after`` and their paired difference ``trigger_rise``, with 95 %
    bootstrap intervals over prompts; ``trigger_loss_fall``, nats a token of the continuations that it was sought on;
    and against the unsteered model, on the same prompts, ``trigger_rise_over_base``: by how much more it rose.

    :raises HormesisError: ``base`` is of other prompts.
    """
    before, after = _toxicity(effect.before), _toxicity(effect.after)
    differences = {
        "trigger_toxicity_before": before,
        "trigger_toxicity_after": after,
        "trigger_rise": after - before,
    }
    if base is not None:
        theirs = _toxicity(base.after) - _toxicity(base.before)
        if len(theirs) != len(before):
            raise HormesisError("the two models were not given the same prompts", "measure both on the same ones")
        differences["trigger_rise_over_base"] = after - before - theirs
    stacked = np.stack(list(differences.values()))[:, None]
    known = np.isfinite(stacked).astype(np.float64)
    found = bootstrap(np.nan_to_num(stacked), known)
    samples = int((effect.before.frame["count"] + effect.before.frame["failures"]).max())
    stamp = {**asdict(origin), "domain": effect.domain, "strength": strength, "samples": samples}
    rows = [
        Measurement(
            **stamp,
            metric=metric,
            value=float(found.value[place]),
            n=int(found.n[place]),
            low=float(found.low[place]),
            high=float(found.high[place]),
        )
        for place, metric in enumerate(differences)
    ]
    fall = trigger.without - trigger.loss
    unscored = {**stamp, "scorer": None, "scorer_revision": None, "samples": None}
    return [*rows, Measurement(**unscored, metric="trigger_loss_fall", value=fall, n=1)]


def _toxicity(table: PromptTable) -> np.ndarray:
    """Mean toxicity of each prompt's continuations, float64 [prompts]."""
    mean: np.ndarray = table.frame.sort_values("prompt")["mean"].to_numpy(np.float64)
    return mean
