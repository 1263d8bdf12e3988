"""A scorer held against the reference scores of a data set, as measurement rows: of each column of texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from hormesis.corpus import ScoredTexts, half_of
from hormesis.evaluate.reference import ReferenceAgreement, ReferenceScale, against_reference
from hormesis.evaluate.scorer import Scorer
from hormesis.measurements.rows import Measurement, Origin
from hormesis.reprs import short_repr


@short_repr
@dataclass(frozen=True, eq=False)
class Comparison:
    """agreement: of the raw scores, by column of texts. scale: fitted on the first half of all texts
    (:func:`hormesis.corpus.half_of`). errors: mean absolute differences from the reference on the second half, by
    column of texts: (raw, mapped, number of texts)."""

    agreement: Mapping[str, ReferenceAgreement]
    scale: ReferenceScale
    errors: Mapping[str, tuple[float, float, int]]

    def measurements(self, origin: Origin) -> list[Measurement]:
        """Rows ``reference_*`` (ρ, AUROC, ECE, errors), and two rows a bin of the reliability diagram, whose ``site``
        is the bin: ``reliability_score`` and ``reliability_observed``."""
        rows: list[Measurement] = []

        def add(metric: str, domain: str, value: float, n: int, *bounds: float, site: str | None = None) -> None:
            if np.isfinite(value):
                low, high = bounds if np.isfinite(bounds).all() and bounds else (None, None)
                rows.append(
                    Measurement(
                        **asdict(origin), metric=metric, domain=domain, value=value, n=n, low=low, high=high, site=site
                    )
                )

        for part, found in self.agreement.items():
            add("reference_spearman", part, found.spearman, found.n, *found.spearman_interval)
            add("reference_auroc", part, found.auroc, found.n, *found.auroc_interval)
            add("reference_ece", part, found.ece, found.n)
            for place, each in enumerate(found.bins):
                add("reliability_score", part, each.score, each.n, site=str(place))
                add("reliability_observed", part, each.observed, each.n, site=str(place))
        for part, (raw, mapped, n) in self.errors.items():
            add("reference_error", part, raw, n)
            add("reference_error_mapped", part, mapped, n)
        return rows


def compare_with_reference(scorer: Scorer, texts: Mapping[str, ScoredTexts], name: str) -> Comparison:
    """Score ``texts`` and compare.

    :param texts: by column, such as prompts and continuations.
    :param name: of the reference.
    :raises HormesisError: too few texts to fit the map to the reference's scale.
    """
    scores = {part: scorer.score(each.texts) for part, each in texts.items()}
    first = {part: np.array([half_of(text) == "first" for text in each.texts]) for part, each in texts.items()}
    fitted = [(scores[part][first[part]], each.scores[first[part]]) for part, each in texts.items()]
    scale = ReferenceScale.fit(*(np.concatenate(column) for column in zip(*fitted, strict=True)), name=name)
    errors = {}
    for part, each in texts.items():
        unseen = ~first[part] & np.isfinite(scores[part])
        raw, reference = scores[part][unseen], each.scores[unseen]
        if len(raw):
            errors[part] = (
                float(np.abs(raw - reference).mean()),
                float(np.abs(scale(raw) - reference).mean()),
                len(raw),
            )
    agreement = {part: against_reference(scores[part], each.scores) for part, each in texts.items()}
    return Comparison(agreement, scale, errors)
