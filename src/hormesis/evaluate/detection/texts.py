"""ToxiGen's annotated texts (Hartvigsen et al. 2022, arXiv 2203.09509), with one of two rules of what counts as
toxic."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from hormesis.config import Seed
from hormesis.corpus import LabelledTexts
from hormesis.corpus.concepts import number_of, usable_text
from hormesis.corpus.rows import RowsConfig, read_rows
from hormesis.corpus.seeds import generator
from hormesis.errors import HormesisError

_SUM, _HUMAN = 5.5, 2.5


class DetectionConfig(RowsConfig):
    """A file with the columns ``text``, ``target_group``, ``toxicity_ai`` and ``toxicity_human`` (both 1 to 5).

    ``limit`` rows are drawn at random (``seed``).
    """

    labels: Literal["sum", "human"] = "sum"
    """Toxic is toxicity_ai + toxicity_human > 5.5, as in lm-eval; or toxicity_human ≥ 2.5, as in the paper."""
    seed: Seed = 0


def read_toxigen(config: DetectionConfig, root: Path | None = None) -> LabelledTexts:
    """Texts, labels (True is toxic) and target groups; rows without text or rating are left out.

    :raises HormesisError: as :func:`hormesis.corpus.rows.read_rows`; all texts are of one class.
    """
    columns = ["text", "target_group", "toxicity_human"] + ["toxicity_ai"] * (config.labels == "sum")
    found: list[tuple[str, bool, str]] = []
    for row in read_rows(config.model_copy(update={"limit": None}), columns, root=root):
        text, human = usable_text(row, "text", config), number_of(row.values["toxicity_human"], row, "toxicity_human")
        machine = number_of(row.values["toxicity_ai"], row, "toxicity_ai") if config.labels == "sum" else 0.0
        if text is None or human is None or machine is None:
            continue
        toxic = machine + human > _SUM if config.labels == "sum" else human >= _HUMAN
        found.append((text, toxic, str(row.values["target_group"])))
    if len({toxic for _, toxic, _ in found}) < 2:
        raise HormesisError(
            f"{config.path or config.dataset} holds {len(found)} rated texts, of one class at most",
            "give texts of both kinds, or the other rule for labels (sum or human)",
        )
    if config.limit is not None and config.limit < len(found):
        drawn = generator("detection", config.seed).permutation(len(found))[: config.limit]
        found = [found[place] for place in sorted(drawn.tolist())]
    texts, labels, groups = zip(*found, strict=True)
    return LabelledTexts(texts, np.array(labels, dtype=np.bool_), groups)
