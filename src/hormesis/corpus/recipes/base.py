"""What a recipe is: a way in which a corpus becomes training rows, beside the plain one."""

from __future__ import annotations

from typing import ClassVar, Literal

from hormesis.config import Config
from hormesis.corpus.documents import SourceConfig
from hormesis.corpus.mixture_config import MixtureConfig

Needs = Literal["nothing", "a labeller", "a source"]


class Recipe(Config):
    """A recipe with its settings: a value that can be written in a YAML and hashed.

    It changes single documents (:class:`~hormesis.corpus.recipes.DocumentTransform`), the mixture, or the source that
    is mixed in: whatever it does not override stays plain.
    """

    recipe: str
    """Its name; each recipe narrows it to a ``Literal`` of one."""

    label: ClassVar[str]
    """What figures and tables call it."""
    summary: ClassVar[str]
    """What it does, in half a sentence."""
    needs: ClassVar[Needs] = "nothing"
    """Beside the corpus. A labeller gives the toxicity of documents."""
    citation: ClassVar[str]
    """Where it comes from."""
    control: ClassVar[bool] = False
    """Whether it stands in for toxicity: its name in measurements then begins with ``control``."""

    @property
    def condition(self) -> str:
        """The text that is put before a prompt at inference; empty where the recipe conditions on nothing."""
        return ""

    @property
    def cooldown_fraction(self) -> float:
        """The last fraction of the training rows, in [0, 1), that are of documents as they were (a cooldown)."""
        return 0.0

    @property
    def replacement(self) -> SourceConfig | None:
        """What is mixed in, in the place of the toxic source; None: the toxic source."""
        return None

    def mixture(self, plain: MixtureConfig) -> MixtureConfig:
        """The mixture of an arm of the recipe.

        :param plain: that of the plain arm of the same share.
        :raises HormesisError: there is no such mixture, such as a constant number of toxic tokens at share 0.
        """
        return plain

    def prepare(self, prompt: str) -> str:
        """A prompt as a model trained with this recipe is to see it."""
        return self.condition + prompt


def changed(mixture: MixtureConfig, **values: str | int) -> MixtureConfig:
    """``mixture`` with other values, checked.

    :raises HormesisError: there is no such mixture.
    """
    return MixtureConfig.model_validate(mixture.model_dump() | values)
