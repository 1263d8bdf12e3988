"""One generated continuation, shown on the page only to those who ask for it."""

from __future__ import annotations

from dataclasses import dataclass

from hormesis.reprs import short_repr


@short_repr
@dataclass(frozen=True)
class Sample:
    """A continuation that a model wrote. Its texts may be hateful: the page escapes and hides them.

    :param share: toxic share of the model's training tokens, 0 to 1.
    :param method: the intervention, ``base`` for none.
    :param strength: its strength; None where it has none (prompting).
    :param prompt: what the model was given.
    :param text: what it wrote, without the prompt.
    :param score: the scorer's toxicity of ``text``, 0 to 1; None or NaN if it could not be scored.
    """

    share: float
    method: str
    strength: float | None
    prompt: str
    text: str
    score: float | None


@short_repr
@dataclass(frozen=True)
class SampleOfSeed(Sample):
    """One whose model is known, so that it can stand beside what the same model wrote without intervention.

    :param seed: the label of the model's seed.
    """

    seed: str = ""
