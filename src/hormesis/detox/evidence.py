"""What methods are made from: everything that was found out about the concept in one model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hormesis.detox.pairs import PreferencePair
from hormesis.detox.weights.tuning import example_tokens
from hormesis.errors import HormesisError
from hormesis.models import LanguageModel
from hormesis.representation import (
    HeadActivations,
    HeadProbes,
    ResidualActivations,
    ResidualDirection,
    mean_difference,
    principal_direction,
    probe_layers,
)
from hormesis.reprs import short_repr

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from hormesis.detox.options import PreferenceOptions, TuningOptions
    from hormesis.detox.weights.delta import WeightDelta


@short_repr
@dataclass(frozen=True, eq=False)
class Learner:
    """A model that may be fine-tuned (a copy of it is), and what it may learn from."""

    lm: LanguageModel
    pairs: tuple[PreferencePair, ...] = ()
    """Preferred and rejected texts: DPO learns from both, SFT from the preferred ones, DExperts from each kind."""
    progress: Callable[[int, int], None] | None = None
    """Called with (steps done, steps) of each fine-tuning."""

    @property
    def whole(self) -> bool:
        """Whether the pairs are whole texts, whose end can be learnt; continuations of prompts are cut off."""
        return not any(pair.prompt for pair in self.pairs)

    def tuned(self, texts: Sequence[str], options: TuningOptions, seed: int) -> WeightDelta:
        """Fine-tune on ``texts`` (:func:`~hormesis.detox.weights.sft.supervised_fine_tuning`)."""
        from hormesis.detox.weights.sft import supervised_fine_tuning

        config = options.supervised(seed, example_tokens(self.lm), whole=self.whole)
        return supervised_fine_tuning(self.lm, texts, config, progress=self.progress)

    def preferring(self, options: PreferenceOptions, seed: int) -> WeightDelta:
        """Tune to the pairs (:func:`~hormesis.detox.weights.dpo.preference_optimisation`)."""
        from hormesis.detox.weights.dpo import preference_optimisation

        config = options.preference(seed, example_tokens(self.lm), whole=self.whole)
        return preference_optimisation(self.lm, self.pairs, config, progress=self.progress)


@dataclass(frozen=True, eq=False, repr=False)
class Evidence:
    """What is known of one model: captured activations of labelled texts, their probes, and the model itself. Each
    method takes what it needs of it, and says so where that is absent: one that
    :attr:`~hormesis.detox.Method.needs` ``"nothing"`` or ``"pairs"`` does without the texts."""

    captured: HeadActivations | None
    """z of every head at the last token of each labelled text; None: no texts were read."""
    labels: NDArray[np.bool_]
    """[texts], True is toxic."""
    fitted: HeadProbes | None
    """One probe a head, with the split; None: no texts were read."""
    seed: int = 0
    """Of draws and fine-tunings."""
    residual: ResidualActivations | None = None
    """h after every layer at the same tokens; what methods on the residual stream need."""
    read_texts: Callable[[], Sequence[str]] | None = None
    """The labelled texts; what few-shot prompting needs."""
    learner: Learner | None = None
    """The model itself, and pairs to fine-tune it on; what self-debiasing, SFT, DPO and DExperts need."""

    def __repr__(self) -> str:
        known = f"{len(self.labels):,} labelled texts" if self.captured is not None else "no labelled texts"
        pairs = len(self.learner.pairs) if self.learner is not None else 0
        return f"Evidence({known}, {pairs:,} pairs, seed {self.seed})"

    @property
    def activations(self) -> HeadActivations:
        """What was captured.

        :raises HormesisError: no labelled texts were read.
        """
        if self.captured is None:
            raise _no_texts()
        return self.captured

    @property
    def probes(self) -> HeadProbes:
        """What was fitted.

        :raises HormesisError: no labelled texts were read.
        """
        if self.fitted is None:
            raise _no_texts()
        return self.fitted

    @cached_property
    def best_layer(self) -> int:
        """The layer whose residual stream has the probe of highest validation accuracy.

        :raises HormesisError: the residual stream was not captured.
        """
        return probe_layers(self._stream, self.labels, self.probes.split).top(1)[0][0]

    def mean_difference(self, layer: int | None = None) -> ResidualDirection:
        """The difference of means in the residual stream of a layer; None: of the best."""
        chosen = self.best_layer if layer is None else layer
        return mean_difference(self._stream, self.labels, self.probes.split, chosen)

    def principal(self, layer: int | None = None) -> ResidualDirection:
        """The first principal component of differences in the residual stream of a layer; None: of the best."""
        chosen = self.best_layer if layer is None else layer
        return principal_direction(self._stream, self.labels, self.probes.split, chosen, seed=self.seed)

    @property
    def civil_examples(self) -> tuple[str, ...]:
        """The non-toxic texts among the fit rows.

        :raises HormesisError: the texts are not at hand.
        """
        if self.read_texts is None:
            raise HormesisError(
                "few-shot prompting shows the model civil texts, and none are at hand",
                "make the evidence with read_texts=…, which gives the labelled texts in their order",
            )
        texts = self.read_texts()
        return tuple(texts[row] for row in self.probes.split.fit if not self.labels[row])

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The model's.

        :raises HormesisError: the model is not at hand.
        """
        return self._learner.lm.tokenizer

    @property
    def paired_learner(self) -> Learner:
        """The model, with pairs to learn from.

        :raises HormesisError: there is no model, or there are no pairs.
        """
        if not self._learner.pairs:
            raise HormesisError(
                "fine-tuning needs pairs of a preferred and a rejected text, and none are at hand",
                "give a file of pairs (--pairs, or `pairs:` in a study), with columns such as neutral and toxic; "
                "`hormesis pairs` makes one of the model's own continuations",
            )
        return self._learner

    @property
    def _learner(self) -> Learner:
        if self.learner is None:
            raise HormesisError(
                "this method needs the model itself, and the evidence has none",
                "make the evidence with learner=Learner(lm, pairs)",
            )
        return self.learner

    @property
    def _stream(self) -> ResidualActivations:
        if self.residual is None:
            raise HormesisError(
                "the residual stream was not captured, and this method is fitted on it",
                "capture with capture_heads_and_residual and pass residual=…",
            )
        return self.residual


def _no_texts() -> HormesisError:
    return HormesisError(
        "this method is fitted on labelled texts, and none were read",
        "give a concept: a file of labelled texts (--concept FILE --label COLUMN)",
    )
