"""Which texts are copies of one another: the rule that every split of texts goes by."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from hormesis.corpus.held_out import normalised


def first_places(texts: Iterable[str]) -> npt.NDArray[np.int64]:
    """For each text the place of the first that is the same but for case, width and white space: its own, where there
    is none before.

    Texts of one place are on one side of a split: else what was fitted on a text is tested on its copy.
    """
    seen: dict[str, int] = {}
    places = [seen.setdefault(normalised(text), place) for place, text in enumerate(texts)]
    return np.array(places, dtype=np.int64)
