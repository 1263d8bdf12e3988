"""Scorers: fitting one, and how far they can be believed: against Perspective's scores, and against each other."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import cast

import pandas as pd

from hormesis.corpus import ScoredTexts
from hormesis.errors import HormesisError
from hormesis.evaluate import HuggingFaceScorer, NgramScorer, ReferenceScale, Scorer, fit_encoder
from hormesis.evaluate.behaviour import check_behaviour
from hormesis.evaluate.comparison import compare_with_reference
from hormesis.evaluate.scorers.encoder import ROBUST_ENCODER, EncoderConfig
from hormesis.evaluate.scorers.encoder import SAVED as ENCODER
from hormesis.evaluate.scorers.ngram import ROBUST
from hormesis.evaluate.scorers.ngram import SAVED as NGRAMS
from hormesis.files import write_folder
from hormesis.marks import check_replaceable, claim
from hormesis.measurements import BehaviourTable, Measurement, Origin, over_prompts, to_frame, write_measurements
from hormesis.measurements.names import FOUND
from hormesis.report.figures import house_style, reliability_diagram

BEHAVIOUR_FILE = "behaviour.csv"
"""In a scorer's folder: what it calls toxic, by function."""


@dataclass(frozen=True, eq=False)
class FittedScorer:
    """A scorer that was fitted, and how far it can be believed."""

    scorer: Scorer
    auroc: float
    """On a tenth of the texts that it did not see."""
    behaviour: BehaviourTable


def fit_scorer(
    toxic: Sequence[str],
    nontoxic: Sequence[str],
    out: Path,
    encoder: str | None = None,
    *,
    clean: Sequence[str] = (),
    robust: bool = True,
    accept: bool = False,
    batch: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> FittedScorer:
    """Fit a scorer, of n-grams or by fine-tuning ``encoder``, check what it calls toxic, and save it in ``out`` with
    the table of that (``behaviour.csv``).

    :param clean: beginnings of the texts that models will write like, as long as what they write.
    :param robust: fit it so that length, names of groups and spelling tell it little
        (:class:`~hormesis.evaluate.scorers.fitting.FittingConfig`).
    :param accept: save it whatever the check says.
    :param batch: texts of a step of an encoder's fitting; None: 32.
    :raises HormesisError: ``batch`` is given, and there is no encoder.
    :raises HormesisError: it cannot be fitted, the check says that it judges something else, or ``out`` holds anything
        but an older scorer of this kind; nothing is written.
    """
    kind = NGRAMS if encoder is None else ENCODER
    check_replaceable(out, kind)
    if batch is not None and encoder is None:
        raise HormesisError("a batch is of an encoder's fitting, and n-grams are fitted", "leave it out, or --encoder")
    texts, labels = [*toxic, *nontoxic], [True] * len(toxic) + [False] * len(nontoxic)
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / out.name
        if encoder is not None:
            config = ROBUST_ENCODER if robust else EncoderConfig()
            config = config if batch is None else config.model_copy(update={"batch": batch})
            auroc = fit_encoder(encoder, texts, labels, made, config, progress=progress)
            scorer: Scorer = HuggingFaceScorer(made)
        else:
            counted = NgramScorer.fit(texts, labels, ROBUST if robust else None)
            counted.save(made)
            scorer, auroc = cast(Scorer, counted), counted.validation_auroc
        behaviour = check_behaviour(scorer, clean)
        if not accept:
            behaviour.refuse_if_unfit("--accept-scorer")
        rows = to_frame(behaviour.rows(_origin(scorer))).dropna(axis="columns", how="all")
        rows.to_csv(made / BEHAVIOUR_FILE, index=False, lineterminator="\n")
        with write_folder(out, kind) as temporary:
            shutil.copytree(made, temporary, dirs_exist_ok=True)
    return FittedScorer(scorer, auroc, behaviour)


@dataclass(frozen=True, eq=False, repr=False)
class Comparisons:
    """Scorers against a reference, and against each other."""

    name: str
    """Of the reference."""
    scorers: tuple[tuple[str, str], ...]
    """Name and revision."""
    rows: pd.DataFrame
    """Measurement rows, by scorer and column of texts."""
    scales: tuple[ReferenceScale, ...]
    """One a scorer: the map to the reference's scale."""
    pairs: pd.DataFrame
    """Of each two scorers and column of texts: ``rho`` (Spearman) and ``r`` (Pearson) with 95 % intervals, and n."""

    def __repr__(self) -> str:
        return f"Comparisons({', '.join(name for name, _ in self.scorers)} against {self.name})"

    def save(self, out: Path) -> None:
        """Write rows, maps and the reliability diagram.

        :raises HormesisError: ``out`` holds something else.
        """
        claim(out, FOUND)
        for (name, revision), scale in zip(self.scorers, self.scales, strict=True):
            kept = re.sub(r"[^A-Za-z0-9]+", "-", f"{name} {revision[:12]}").strip("-").lower()
            scale.save(out / f"scale_{kept}.json")
        write_measurements(out / "measurements.parquet", self.rows)
        with house_style():
            if (diagram := reliability_diagram(self.rows, "reliability")) is not None:
                diagram.write(out)


def compare_scorers(scorers: Sequence[Scorer], texts: Mapping[str, ScoredTexts], name: str) -> Comparisons:
    """Hold scorers against the scores of a reference, and against each other.

    :param texts: by column, such as prompts and continuations.
    :param name: of the reference.
    :raises HormesisError: too few texts to fit the map to the reference's scale.
    """
    rows: list[Measurement] = []
    scales = []
    for scorer in scorers:
        comparison = compare_with_reference(scorer, texts, name)
        rows += comparison.measurements(_origin(scorer))
        scales.append(comparison.scale)
    pairs = []
    for one, other in combinations(scorers, 2):
        for part, each in texts.items():
            rho, r = over_prompts(*(scorer.score(each.texts)[None] for scorer in (one, other)))
            pairs.append(
                {
                    "one": one.name, "other": other.name, "texts": part, "rho": rho.value, "rho_low": rho.low,
                    "rho_high": rho.high, "r": r.value, "r_low": r.low, "r_high": r.high, "n": rho.n,
                }
            )  # fmt: skip
    named = tuple((scorer.name, scorer.revision) for scorer in scorers)
    return Comparisons(name, named, to_frame(rows), tuple(scales), pd.DataFrame(pairs))


def _origin(scorer: Scorer) -> Origin:
    return Origin(
        cell="reference", method="base", scorer=scorer.name,
        scorer_revision=scorer.revision,
    )  # fmt: skip
