"""The methods by name: how each is made from what is known of a model, and how it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from hormesis.detox.contrasts.dexperts import DExperts
from hormesis.detox.contrasts.self_debiasing import SelfDebiasing
from hormesis.detox.evidence import Evidence, Learner
from hormesis.detox.intervention import Intervention
from hormesis.detox.prompting import Prompting, few_shot
from hormesis.detox.steering.ablation import DirectionalAblation
from hormesis.detox.steering.controls import random_direction, random_heads, shuffled_labels
from hormesis.detox.steering.gated import GatedIntervention
from hormesis.detox.steering.iti import InferenceTimeIntervention
from hormesis.detox.steering.leace import ConceptErasure, fit_leace
from hormesis.detox.steering.residual import ResidualAddition
from hormesis.detox.storage import read_intervention
from hormesis.detox.unsteered import Unsteered
from hormesis.detox.weights.delta import WeightDelta
from hormesis.detox.weights.dpo import preference_optimisation
from hormesis.detox.weights.sft import supervised_fine_tuning
from hormesis.errors import HormesisError

Need = Literal["nothing", "labelled texts", "pairs"]


@dataclass(frozen=True)
class Method:
    """One way to detoxify a trained model."""

    name: str
    """As in measurements."""
    summary: str
    """What it does, in a line."""
    source: str
    """Where it comes from."""
    needs: Need
    """What it is fitted on."""
    fit: Callable[[Evidence], Intervention]
    """Make it for a model."""
    made: type[Intervention]
    """What is made, which reads itself back (``load``)."""
    strengths: tuple[float, ...] = ()
    """Strengths to begin with, weak to strong; empty where strength has no meaning, so that one measurement says
    all."""
    largest: float | None = None
    """No strength beyond it makes sense: 1 where all that can be taken away is taken away."""
    control: bool = False
    """Whether it is there to be compared with: it claims nothing."""
    version: int = 1
    """Raised when it is made in another way: what a study measured with it is then measured anew."""

    @property
    def uses_strength(self) -> bool:
        """Whether its strength means anything."""
        return bool(self.strengths)

    @property
    def bakes(self) -> bool:
        """Whether it can be written into a checkpoint, where the architecture can carry it."""
        return hasattr(self.made, "bake")

    def check_strengths(self, strengths: Sequence[float]) -> None:
        """:raises HormesisError: one is beyond :attr:`largest`: there, what was taken away comes back reversed."""
        if self.largest is not None and any(strength > self.largest for strength in strengths):
            raise HormesisError(
                f"{self.name} takes all away at strength {self.largest:g}, and was asked for {max(strengths):g}",
                f"give strengths of at most {self.largest:g}",
            )


def _random_heads(known: Evidence) -> Intervention:
    return random_heads(known.iti, known.activations, known.labels, known.probes, seed=known.seed)


def _shuffled_labels(known: Evidence) -> Intervention:
    return shuffled_labels(
        known.iti,
        known.activations,
        known.labels,
        known.probes.split,
        seed=known.seed,
        regularisation=known.probes.regularisation,
    )


def _sft(known: Evidence) -> Intervention:
    learner = known.paired_learner
    return _tuned(learner, [pair.prompt + pair.chosen for pair in learner.pairs])


def _tuned(learner: Learner, texts: Sequence[str]) -> WeightDelta:
    config = learner.supervised.model_copy(update={"whole": learner.whole})
    return supervised_fine_tuning(learner.model, learner.tokenizer, texts, config, progress=learner.progress)


def _dpo(known: Evidence) -> WeightDelta:
    learner = known.paired_learner
    config = learner.preference.model_copy(update={"whole": learner.whole})
    return preference_optimisation(learner.model, learner.tokenizer, learner.pairs, config, progress=learner.progress)


def _dpo_ranked(known: Evidence) -> WeightDelta:
    if known.paired_learner.whole:
        raise HormesisError(
            "dpo-ranked learns from continuations of prompts, and these pairs have no prompt",
            "give --pair-prompt prompt (`hormesis pairs` writes that column), or take dpo, which learns whole texts",
        )
    return replace(_dpo(known), method="dpo-ranked")


def _dexperts(known: Evidence) -> Intervention:
    learner = known.paired_learner
    expert = _tuned(learner, [pair.prompt + pair.chosen for pair in learner.pairs])
    return DExperts(expert, _tuned(learner, [pair.prompt + pair.rejected for pair in learner.pairs]))


_PAPER = "Li et al. 2025, arXiv 2505.04741"
_ITI = "Li et al. 2023, arXiv 2306.03341"
_CAA = "Rimsky et al. 2023, arXiv 2312.06681"
_ABLATION = "Arditi et al. 2024, arXiv 2406.11717"
_DPO = "Rafailov et al. 2023, arXiv 2305.18290; Lee et al. 2024, arXiv 2401.01967"
_ITI_STRENGTHS = (4.0, 8.0, 12.0, 24.0)
_SHIFTS = (0.5, 1.0, 2.0, 4.0)
_FRACTIONS = (0.25, 0.5, 0.75, 1.0)

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.name: method
        for method in (
            Method("base", "the model itself", "", "nothing", lambda _: Unsteered(), Unsteered),
            Method("prompting", "a prefix that asks for decency", _PAPER, "nothing", lambda _: Prompting(), Prompting),
            Method(
                "few-shot",
                "civil texts before the prompt",
                "Brown et al. 2020, arXiv 2005.14165",
                "labelled texts",
                lambda known: few_shot(known.civil_examples, seed=known.seed),
                Prompting,
            ),
            Method(
                "iti",
                "shift of the most telling heads from toxic to non-toxic",
                _ITI,
                "labelled texts",
                lambda known: known.iti,
                InferenceTimeIntervention,
                _ITI_STRENGTHS,
            ),
            Method(
                "gated",
                "ITI where a head's probe fires, and nowhere else",
                f"{_ITI}; Lee et al. 2024, arXiv 2409.05907",
                "labelled texts",
                lambda known: GatedIntervention.of(known.iti.directions, known.probes),
                GatedIntervention,
                _ITI_STRENGTHS,
            ),
            Method(
                "caa",
                "shift of the residual stream by differences of means",
                _CAA,
                "labelled texts",
                lambda known: ResidualAddition(known.mean_difference),
                ResidualAddition,
                _SHIFTS,
            ),
            Method(
                "pca",
                "shift of the residual stream along the first principal component of differences",
                "Zou et al. 2023, arXiv 2310.01405",
                "labelled texts",
                lambda known: ResidualAddition(known.principal, "pca"),
                ResidualAddition,
                _SHIFTS,
            ),
            Method(
                "ablation",
                "removal of the difference of means from all that is written to the residual stream",
                _ABLATION,
                "labelled texts",
                lambda known: DirectionalAblation(known.mean_difference),
                DirectionalAblation,
                _FRACTIONS,
                largest=1.0,
            ),
            Method(
                "leace",
                "least-squares erasure of the concept from the attention's output",
                "Belrose et al. 2023, arXiv 2306.03819",
                "labelled texts",
                lambda known: fit_leace(known.activations, known.labels, known.probes.split),
                ConceptErasure,
                _FRACTIONS,
                largest=1.0,
            ),
            Method(
                "self-debiasing",
                "words that the model finds likelier in hateful text are made unlikely",
                "Schick et al. 2021, arXiv 2103.00453",
                "nothing",
                lambda known: SelfDebiasing.of(known.tokenizer),
                SelfDebiasing,
                (10.0, 50.0, 100.0),
            ),
            Method(
                "dexperts",
                "the difference between an expert and an anti-expert, added to the logits",
                "Liu et al. 2021, arXiv 2105.03023",
                "pairs",
                _dexperts,
                DExperts,
                (0.5, 1.0, 2.0),
                version=2,  # 1 learned from pairs with texts that were set aside
            ),
            Method(
                "sft",
                "fine-tuning on the preferred texts, as a change of weights",
                f"{_PAPER}; Hu et al. 2021, arXiv 2106.09685",
                "pairs",
                _sft,
                WeightDelta,
                (0.25, 0.5, 1.0),
                version=2,  # 1 learned from pairs with texts that were set aside
            ),
            Method(
                "dpo",
                "preference optimisation on pairs, as a change of weights",
                _DPO,
                "pairs",
                _dpo,
                WeightDelta,
                (0.25, 0.5, 1.0),
                version=2,  # 1 learned from pairs with texts that were set aside
            ),
            Method(
                "dpo-ranked",
                "DPO on the model's own continuations, ranked by a scorer that never evaluates",
                _DPO,
                "pairs",
                _dpo_ranked,
                WeightDelta,
                (0.25, 0.5, 1.0),
            ),
            Method(
                "iti-random-direction",
                "ITI's heads and norms, random directions",
                _ITI,
                "labelled texts",
                lambda known: random_direction(known.iti, seed=known.seed),
                InferenceTimeIntervention,
                _ITI_STRENGTHS,
                control=True,
            ),
            Method(
                "iti-random-heads",
                "ITI at heads drawn at random",
                _ITI,
                "labelled texts",
                _random_heads,
                InferenceTimeIntervention,
                _ITI_STRENGTHS,
                control=True,
                version=2,  # 1 had the norms of ITI's heads
            ),
            Method(
                "iti-shuffled-labels",
                "ITI from shuffled labels",
                _ITI,
                "labelled texts",
                _shuffled_labels,
                InferenceTimeIntervention,
                _ITI_STRENGTHS,
                control=True,
                version=2,  # 1 had the norms of ITI's heads
            ),
            Method(
                "caa-random-direction",
                "CAA's layer and norm, a random direction",
                _CAA,
                "labelled texts",
                lambda known: ResidualAddition(known.mean_difference).along_a_random_direction(seed=known.seed),
                ResidualAddition,
                _SHIFTS,
                control=True,
            ),
            Method(
                "ablation-random-direction",
                "removal of a random direction",
                _ABLATION,
                "labelled texts",
                lambda known: DirectionalAblation(known.mean_difference).along_a_random_direction(seed=known.seed),
                DirectionalAblation,
                _FRACTIONS,
                largest=1.0,
                control=True,
            ),
        )
    }
)
"""Every method, by name."""


def load_intervention(folder: Path) -> Intervention:
    """Read the intervention that any method saved in ``folder``.

    :raises HormesisError: nothing there, an unknown method, or a damaged file.
    """
    return METHODS[read_intervention(folder, tuple(METHODS)).name].made.load(folder)
