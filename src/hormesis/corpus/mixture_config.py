"""What a user writes about a mixture, and how many rows that is."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from pydantic import Field, field_validator, model_validator

from hormesis.config import Config
from hormesis.errors import HormesisError

Placement = Literal["uniform", "early", "late"]


class MixtureConfig(Config):
    """How much toxic data is mixed in.

    With C clean and T toxic tokens, ``share`` is T / (C + T) (``of: total``) or T / C (``of: clean``).
    ``tokens`` is C (``budget: additive``: clean data is constant and toxic data is added, as in the paper),
    C + T (``budget: total``: toxic data takes the place of clean data) or T (``budget: toxic``: the toxic data
    is constant and diluted in more clean data the smaller the share, so that count and share part). An additive
    mixture of which all is toxic has no finite size beside clean data: share 1 of the total then means
    ``tokens`` toxic tokens and no clean ones.
    """

    share: float
    """In [0, 1]."""
    tokens: int = Field(gt=0)
    """The budget, in tokens."""
    budget: Literal["additive", "total", "toxic"] = "additive"
    of: Literal["total", "clean"] = "total"
    allow_repetition: bool = False
    """Whether a source that is too small is gone through again (each time in another order)."""
    placement: Placement = "uniform"
    """When in training the toxic rows come: spread evenly, all before the clean ones, or all after them."""
    toxic_kept: float = Field(default=1.0, ge=0, le=1)
    """The part of the T toxic tokens that a filter left. The share is that before the filter; what was filtered
    out is missing (``additive``, ``toxic``) or made up for by clean tokens (``total``)."""

    @field_validator("share")
    @classmethod
    def _is_a_share(cls, share: float) -> float:
        if not 0 <= share <= 1:  # also refuses NaN
            raise HormesisError(
                f"the share {share} is outside [0, 1]", "give a fraction: 0.1 for one token in ten, not 10"
            )
        return share

    @model_validator(mode="after")
    def _has_a_size(self) -> MixtureConfig:
        if self.budget == "toxic" and self.share == 0:
            raise HormesisError(
                "a mixture of share 0 has no toxic tokens, so that `budget: toxic` gives it no size",
                "leave share 0 out, or choose another budget",
            )
        return self

    def targets(self, sequence_length: int) -> tuple[Fraction, Fraction]:
        """The numbers of clean and toxic rows that budget and share ask for, exactly: not yet whole numbers.

        The budget itself is in whole rows, so that the clean rows of an additive mixture do not depend on the
        share.
        """
        share = Fraction(str(self.share))  # the decimal that the user wrote: 0.1 is a tenth
        rows = Fraction(self.tokens // sequence_length)
        kept = Fraction(str(self.toxic_kept))
        if self.of == "clean":
            share = share / (1 + share)
        if self.budget == "total":
            return rows * (1 - share * kept), rows * share * kept
        if self.budget == "toxic":
            return rows * (1 - share) / share, rows * kept
        if share == 1:
            return Fraction(0), rows * kept
        return rows, rows * share / (1 - share) * kept


def apportion(clean: Fraction, toxic: Fraction) -> tuple[int, int]:
    """Whole rows by largest remainder: the rounded sum, and each less than one row from its target.

    Ties go to the clean rows.
    """
    total = round(clean + toxic)
    rows = [clean.__floor__(), toxic.__floor__()]
    if sum(rows) < total:
        rows[1 if toxic - rows[1] > clean - rows[0] else 0] += 1
    return rows[0], rows[1]
