"""What is measured, of what: interventions at strengths, and all that a model is put to.

The prompt protocols, RealToxicityPrompts (``rtp``), ToxiGen's prompts (``toxigen``: what users of
lm-evaluation-harness#974 ask for, the toxicity of *generations*; detection is another measure) and the microworld's,
differ only in their prompts, which come from :func:`hormesis.corpus.read_prompts` and
:meth:`hormesis.corpus.Microworld.prompts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hormesis.config import check_name
from hormesis.detox import Intervention, Unsteered
from hormesis.errors import HormesisError
from hormesis.evaluate.continuations import GenerationConfig
from hormesis.reprs import short_repr

if TYPE_CHECKING:
    from hormesis.corpus import LabelledTexts, Prompt, ScoredContinuations
    from hormesis.evaluate.capability import Task
    from hormesis.evaluate.scorer import Scorer


@short_repr
@dataclass(frozen=True, eq=False)
class Setting:
    """An intervention and the strengths at which it is measured."""

    intervention: Intervention = field(default_factory=Unsteered)
    strengths: tuple[float, ...] = (0.0,)
    """``(0.0,)`` where strength has no meaning."""


@short_repr
@dataclass(frozen=True, eq=False)
class EvaluationSuite:
    """What a model is measured on, and how.

    :raises HormesisError: nothing to measure on; prompts and no scorer; a domain whose name would mean something else
        in the names of figures or in columns.
    """

    prompts: Mapping[str, Sequence[Prompt]] = field(default_factory=dict)
    """To continue, by domain, such as ``rtp`` and ``toxigen``."""
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """For cross-entropy and KL, by domain."""
    scorers: Sequence[Scorer] = ()
    """Of continuations, the main one first: each prompt is continued once, whatever their number."""
    tasks: Sequence[Task] = ()
    """Of capability (:func:`hormesis.evaluate.load_tasks`)."""
    detection: LabelledTexts | None = None
    """Texts that the model is to judge itself (:mod:`hormesis.evaluate.detection`)."""
    generation: GenerationConfig = field(default_factory=GenerationConfig)
    likelihood: ScoredContinuations | None = None
    """Continuations by people, whose likelihood is held against their scores (:mod:`hormesis.evaluate.likelihood`)."""

    def __post_init__(self) -> None:
        if not (self.prompts or self.texts or self.tasks or self.detection or self.likelihood):
            raise HormesisError(
                "there is nothing to measure on", "give prompts, text for cross-entropy, tasks, or texts to detect"
            )
        for domain in (*self.prompts, *self.texts):
            try:
                check_name(domain)
            except ValueError as error:
                raise HormesisError(str(error), "give this set another name") from error
        if self.prompts and not self.scorers:
            raise HormesisError("continuations need a scorer", "give at least one: a folder or id of a classifier")
