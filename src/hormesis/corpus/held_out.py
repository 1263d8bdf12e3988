"""Which documents no model is trained on: decided by a hash of the text, before anything else is done."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import Field, model_validator

from hormesis.config import Config
from hormesis.corpus.documents import Document

Role = Literal["train", "evaluate", "scorer", "labeller", "concept", "calibration"]
Half = Literal["first", "second"]


class HeldOutConfig(Config):
    """The shares of documents that are kept from training."""

    evaluate: float = Field(default=0.02, ge=0, le=1)
    """For measuring cross-entropy."""
    scorer: float = Field(default=0.0, ge=0, le=1)
    """For fitting the n-gram scorer."""
    labeller: float = Field(default=0.0, ge=0, le=1)
    """For fitting the labeller, whose scores recipes and tuning take."""
    concept: float = Field(default=0.0, ge=0, le=1)
    """For concepts of the corpus itself: labelled texts of its register, to fit directions on."""
    calibration: float = Field(default=0.0, ge=0, le=1)
    """Clean text on which strengths are found that cost what is asked for."""

    @model_validator(mode="after")
    def _leaves_something(self) -> HeldOutConfig:
        aside = self.evaluate + self.scorer + self.labeller + self.concept + self.calibration
        if aside >= 1:
            raise ValueError(f"{' + '.join(HeldOutConfig.model_fields)} = {aside} leaves nothing to train on")
        return self

    @property
    def for_training(self) -> HeldOutConfig:
        """The same as training sees it: who gets the rows above is not its business.

        Two studies that set aside the same rows, for a scorer alone or for a scorer and a labeller, train on the same.
        """
        return HeldOutConfig(
            evaluate=self.evaluate, scorer=self.scorer + self.labeller + self.concept + self.calibration
        )


_HALVES = HeldOutConfig(evaluate=0.5)


def role_of(text: str, held_out: HeldOutConfig) -> Role:
    """What a text may be used for: a function of the text alone.

    The text is normalised first (:func:`normalised`), so that trivial duplicates share a role and no held-out
    text is also trained on. The hash is read as a number in [0, 1): ``evaluate`` takes
    it from below and ``scorer`` from above, so that changing one share leaves the other's texts as they are; below
    ``scorer``'s lie ``labeller``'s, ``concept``'s and ``calibration``'s.
    """
    position = _position(normalised(text))
    if position < held_out.evaluate:
        return "evaluate"
    aside = 0.0
    others: tuple[tuple[Role, float], ...] = (
        ("scorer", held_out.scorer),
        ("labeller", held_out.labeller),
        ("concept", held_out.concept),
        ("calibration", held_out.calibration),
    )
    for role, share in others:
        aside += share
        if position >= 1 - aside:
            return role
    return "train"


def half_of(text: str, *, among: str = "") -> Half:
    """Which half of all texts one belongs to, by its hash: what is fitted on one half has seen none of the other.

    :param among: names texts that were chosen by their hash already, such as a scorer's rows: they lie in one half of
        all texts, and are halved by another hash.
    """
    if among:
        return "first" if _position(f"{among}\0{normalised(text)}") < 0.5 else "second"
    return "first" if role_of(text, _HALVES) == "evaluate" else "second"


def normalised(text: str) -> str:
    """``text`` as it is compared: NFKC, case folded, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _position(text: str) -> float:
    """The hash of a text as a number in [0, 1)."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).digest()[:8]) / 2**64


def with_role(documents: Iterable[Document], held_out: HeldOutConfig, role: Role) -> Iterator[Document]:
    """The documents of one role, streamed, in their order."""
    return (document for document in documents if role_of(document.text, held_out) == role)
