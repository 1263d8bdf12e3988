"""The survey of a whole model: each text is read once, and every site measured."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from hormesis.corpus import ConceptTexts, LabelledTexts, first_places
from hormesis.corpus.held_out import normalised
from hormesis.errors import HormesisError
from hormesis.models import LanguageModel
from hormesis.representation.capture import capture_heads_and_residual
from hormesis.representation.geometry.bank import ConceptBank
from hormesis.representation.geometry.config import SurveyConfig
from hormesis.representation.geometry.lens import LensReading, logit_lens
from hormesis.representation.geometry.rows import FRACTIONS, TOXICITY, concept_rows
from hormesis.representation.geometry.site_survey import Finding, sites_of, survey
from hormesis.representation.geometry.transfer import LabelledFeatures
from hormesis.representation.split import split_by_group
from hormesis.reprs import short_repr


@short_repr
@dataclass(frozen=True, eq=False)
class ModelSurvey:
    """What was found in one model: a bank and its findings for each site, and the lens of toxicity."""

    banks: tuple[ConceptBank, ...]
    findings: tuple[Finding, ...]
    lenses: tuple[LensReading, ...]


def survey_model(
    lm: LanguageModel,
    concept: LabelledTexts,
    bank: ConceptTexts,
    config: SurveyConfig,
    *,
    other: LabelledTexts | None = None,
    batch_size: int = 32,
    progress: Callable[[str, int, int], None] | None = None,
) -> ModelSurvey:
    """Read each text once, and survey every site.

    Activations are memory-mapped in a temporary folder, and gone afterwards.

    :param concept: what toxicity is; texts that are also in the bank are left out of it.
    :param other: a second data set of toxic and other texts, for transfer.
    :param batch_size: texts read at once.
    :param progress: called with (what is done, how many, of how many).
    :raises HormesisError: too few texts, unknown architecture, no such layer.
    """
    tell = progress or (lambda _what, _done, _whole: None)
    banked = set(bank.texts)
    kept = [number for number, text in enumerate(concept.texts) if text not in banked]
    groups = [concept.groups[number] for number in kept]
    rows = concept_rows(concept.labels[kept], groups, bank.concepts, seed=config.seed)
    own = len(rows.codes)
    texts = [*(concept.texts[number] for number in kept), *bank.texts, *(other.texts if other else ())]
    banks: list[ConceptBank] = []
    findings: list[Finding] = []
    with tempfile.TemporaryDirectory(prefix="hormesis-") as folder:
        files = Path(folder) / "heads.npy", Path(folder) / "residual.npy"
        heads, residual = capture_heads_and_residual(
            lm, texts, files=files, batch_size=batch_size, progress=lambda done, whole: tell("reads texts", done, whole)
        )
        sites = sites_of(heads, residual, config.place, config.layers)
        for done, site in enumerate(sites):
            tell("surveys sites", done, len(sites))
            second = None
            if other is not None:
                fit = np.zeros(len(other), dtype=bool)
                fit[split_by_group(other.groups, config.seed, FRACTIONS).fit] = True
                second = LabelledFeatures("other", site.features(slice(own, None)), other.labels, fit)
            found, numbers = survey(
                site.features(slice(own)), rows, site.name, estimator=config.estimator, other=second, seed=config.seed
            )
            banks.append(found)
            findings += numbers
        tell("surveys sites", len(sites), len(sites))
    lenses: list[LensReading] = []
    if config.lens and config.place == "residual":
        lenses = [logit_lens(lm, one.vectors[0], site=one.site, concept=TOXICITY) for one in banks]
    return ModelSurvey(tuple(banks), tuple(findings), tuple(lenses))


def joined(toxic: Sequence[str], nontoxic: Sequence[str], limit: int | None = None) -> LabelledTexts:
    """Two lists of texts as one labelled set, each text a group of its own, with its copies; a text of both is in
    neither.

    :param limit: at most so many texts of each list: those of the least hash, so that their order does not matter.
    :raises HormesisError: too few are left.
    """
    both = set(map(normalised, toxic)) & set(map(normalised, nontoxic))
    parts = [[text for text in dict.fromkeys(texts) if normalised(text) not in both] for texts in (toxic, nontoxic)]
    if limit is not None:
        parts = [sorted(part, key=_digest)[:limit] for part in parts]
    if min(map(len, parts)) < 10:
        raise HormesisError(
            f"transfer is to be tested on {len(parts[0])} toxic and {len(parts[1])} other texts",
            "give files with at least ten texts of each kind",
        )
    texts = (*parts[0], *parts[1])
    labels = np.arange(len(texts)) < len(parts[0])
    return LabelledTexts(texts, labels, tuple(map(str, first_places(texts).tolist())))


def _digest(text: str) -> bytes:
    return sha256(text.encode(errors="surrogatepass")).digest()
