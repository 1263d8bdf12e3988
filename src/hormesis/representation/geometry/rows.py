"""Which texts stand for which concept, which are compared with them, and which are fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hormesis.errors import HormesisError
from hormesis.representation.split import split_by_group
from hormesis.reprs import short_repr

TOXICITY = "toxicity"
BASELINES = ("bank", "random", "covariance", "shuffled", "welch")
"""Names that measurements use beside those of concepts."""
FRACTIONS = (2 / 3, 1 / 3, 0.0)
"""Of the labelled texts: to fit directions on, held out, and none beside."""


@short_repr
@dataclass(frozen=True, eq=False)
class ConceptRows:
    """N texts in C classes, and K concepts, each a contrast of classes.

    A bank concept is a class against the mean of all other classes of the bank; toxicity is toxic against non-toxic
    texts of a data set of its own. So a difference between the two data sets is in no direction.
    """

    concepts: tuple[str, ...]
    """K names, :data:`TOXICITY` first."""
    codes: NDArray[np.int64]
    """[N], the class of each text: 0 non-toxic, 1 toxic, then the bank's concepts in their order."""
    contrasts: NDArray[np.float64]
    """[K, C], rows summing to 0: direction = contrasts @ class means."""
    fit: NDArray[np.bool_]
    """[N], the texts that directions are fitted on; the others are held out."""

    @property
    def classes(self) -> int:
        """C: two more than there are concepts in the bank."""
        return int(self.contrasts.shape[1])

    def truth(self, concept: int, *, fit: bool) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Row numbers of a concept's data set in one part of the split, and which of them show the concept."""
        here = (self.codes < 2) == (concept == 0)
        rows = np.flatnonzero(here & (self.fit == fit))
        return rows, self.codes[rows] == concept + 1

    def shuffled(self, random: np.random.Generator) -> ConceptRows:
        """The same with the labels of fit rows permuted within each data set."""
        codes = self.codes.copy()
        for toxicity in (True, False):
            rows = np.flatnonzero(self.fit & ((self.codes < 2) == toxicity))
            codes[rows] = codes[random.permutation(rows)]
        return ConceptRows(self.concepts, codes, self.contrasts, self.fit)


def concept_rows(
    labels: NDArray[np.bool_], groups: Sequence[str], bank: Sequence[str], *, seed: int = 0
) -> ConceptRows:
    """The rows of labelled texts followed by those of a bank.

    Labelled texts are split by group, two thirds to fit; the bank's within each concept, by text.

    :param labels: True is toxic.
    :param groups: what the split of the labelled texts does not cut through.
    :param bank: the concept of each text of the bank, equally many texts of each.
    :raises HormesisError: fewer than two concepts, unequal numbers, a class with too few texts to split, a name that
        measurements use for something else.
    """
    names, counts = np.unique(np.asarray(bank, dtype=str), return_counts=True)
    if len(names) < 2 or counts.min() < 6 or counts.min() != counts.max():
        raise HormesisError(
            f"a bank of {len(names)} concepts with {counts.min() if len(counts) else 0} texts or more of each",
            "give at least two concepts, each with the same number of texts, six or more",
        )
    taken = {TOXICITY, *BASELINES} & set(names.tolist())
    if taken:
        raise HormesisError(
            f"concepts of the bank are called {', '.join(sorted(taken))}, and measurements use these names",
            "rename them in the column of concepts",
        )
    own = np.concatenate([labels.astype(np.int64), np.searchsorted(names, np.asarray(bank, dtype=str)) + 2])
    fit = np.zeros(len(own), dtype=bool)
    fit[split_by_group(groups, seed, FRACTIONS).fit] = True
    random = np.random.default_rng(seed)
    for code in range(2, len(names) + 2):
        rows = random.permutation(np.flatnonzero(own == code))
        fit[rows[: round(FRACTIONS[0] * len(rows))]] = True
    for code, what in enumerate(("non-toxic", "toxic")):
        in_parts = [int(np.sum((own == code) & (fit == part))) for part in (True, False)]
        if min(in_parts) < 2:
            raise HormesisError(
                f"{in_parts[0]} {what} texts to fit and {in_parts[1]} held out are too few",
                "give more labelled texts of both kinds in every group, or another seed",
            )
    contrasts = np.zeros((len(names) + 1, len(names) + 2))
    contrasts[0, :2] = -1, 1
    contrasts[1:, 2:] = (len(names) * np.eye(len(names)) - 1) / (len(names) - 1)
    return ConceptRows((TOXICITY, *names.tolist()), own, contrasts, fit)
