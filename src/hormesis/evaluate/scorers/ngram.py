"""A toxicity scorer that anyone can fit offline: TF-IDF of word and character n-grams, and a logistic
regression."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, cast

import numpy as np
from pydantic import Field
from scipy.sparse import csr_matrix, diags, hstack

from hormesis.config import Seed
from hormesis.corpus import Microworld
from hormesis.errors import HormesisError
from hormesis.evaluate.scorer import Scorer
from hormesis.evaluate.scorers.base import FittedScorerKind
from hormesis.evaluate.scorers.fitting import (
    FittingConfig,
    balanced_weights,
    check_enough,
    held_out_texts,
    with_matched_lengths,
)
from hormesis.evaluate.scorers.registry import scorer
from hormesis.evaluate.scorers.spelling import as_meant
from hormesis.files import Json, content_hash, read_object, write_file, write_folder
from hormesis.marks import FolderKind, holds_only
from hormesis.optional import needed_for
from hormesis.reprs import short_repr

_BATCH_TEXTS = 4096
_FEWEST = 10
_SAVED_KIND = "hormesis.NgramScorer"
SAVED = FolderKind("an n-gram scorer", holds_only("scorer.json", "scorer.safetensors", sign="scorer.json"))


class NgramConfig(FittingConfig):
    """What the scorer counts and how it is fitted."""

    words: tuple[int, int] = Field(default=(1, 2), description="lengths of word n-grams")
    characters: tuple[int, int] = Field(default=(2, 5), description="lengths of character n-grams inside words")
    word_features: int = Field(default=2**18, ge=2, description="buckets that word n-grams are hashed into")
    character_features: int = Field(default=2**18, ge=2, description="buckets that character n-grams are hashed into")
    spelling: Literal["as it is", "as meant"] = Field(
        default="as it is", description="as meant: digits for letters, and letters parted or drawn out, are undone"
    )
    max_characters: int = Field(default=1000, ge=1, description="only this much of a text is read")
    regularisation: float = Field(default=4.0, gt=0, description="C of the logistic regression")
    tolerance: float = Field(default=1e-3, gt=0, description="gradient at which the regression counts as fitted")
    held_out: float = Field(default=0.1, gt=0, lt=1, description="share of the texts for calibration and validation")
    seed: Seed = 0

    @property
    def saved(self) -> dict[str, Json]:
        """As it is saved and hashed: what was added later is left out where it does nothing."""
        later = {"lengths", "mentions", "spelling", "tolerance"}
        unused = {name for name in later if getattr(self, name) == type(self).model_fields[name].default}
        return self.model_dump(mode="json", exclude=unused)


ROBUST = NgramConfig(spelling="as meant", lengths="matched", mentions="balanced", tolerance=1e-4)
"""Not by length, by the names of groups, or by how words are spelled: what is fitted from the command line."""


@short_repr
@dataclass(frozen=True, eq=False)
class NgramScorer:
    """P(toxic | text) under a 50 : 50 prior: classes are weighted equally, so that 0.5 means the same
    whatever the labelled split held.

    N-grams are hashed into buckets (``HashingVectorizer``): no vocabulary has to be kept, memory is bounded,
    and the whole artefact is three arrays and a JSON file. On a held-out part of the labelled texts, a Platt
    scaling (slope, intercept) turns the regression's margin into a probability, and the AUROC is measured.

    idf: float64 [features], words first. weights: float64 [features]. intercept: of slope · margin +
    intercept, the slope being multiplied into ``weights``. validation_auroc: on the held-out part.
    """

    config: NgramConfig
    idf: np.ndarray
    weights: np.ndarray
    intercept: float
    validation_auroc: float
    name: str = "ngram"

    @classmethod
    def fit(
        cls, texts: Sequence[str], labels: Sequence[bool] | np.ndarray, config: NgramConfig | None = None
    ) -> NgramScorer:
        """Fit on labelled texts (True = toxic): about 100,000 short ones take a minute or two.

        :raises HormesisError: lengths differ, or a class has fewer than 10 texts.
        """
        with needed_for("fitting a scorer"):
            from sklearn.linear_model import LogisticRegression
            from sklearn.metrics import roc_auc_score

        config = config or NgramConfig()
        toxic = np.asarray(labels, dtype=bool)
        check_enough(texts, toxic, _FEWEST)
        held_out = held_out_texts(texts, toxic, config.held_out, config.seed)
        if config.lengths == "matched":
            texts = with_matched_lengths(texts, toxic, config.seed)
        weigh = config.mentions == "balanced"
        weights = balanced_weights(texts, toxic) if weigh else np.ones(len(texts))
        counts = _count(texts, config)
        idf = _inverse_document_frequency(counts[~held_out])
        features = _weigh(counts, idf)
        regression = LogisticRegression(
            C=config.regularisation, class_weight=None if weigh else "balanced", max_iter=1000, tol=config.tolerance
        )
        regression.fit(features[~held_out], toxic[~held_out], sample_weight=weights[~held_out])
        margins = features @ regression.coef_[0] + regression.intercept_[0]
        platt = LogisticRegression(class_weight="balanced").fit(margins[held_out, None], toxic[held_out])
        slope = float(platt.coef_[0, 0])
        if slope <= 0:
            raise HormesisError(
                "the n-gram scorer learned nothing that holds on the texts it was not fitted on",
                "check that the labels belong to the texts, or give more of them",
            )
        return cls(
            config=config,
            idf=idf,
            weights=slope * regression.coef_[0].astype(np.float64),
            intercept=float(slope * regression.intercept_[0] + platt.intercept_[0]),
            validation_auroc=float(roc_auc_score(toxic[held_out], margins[held_out])),
        )

    @cached_property
    def revision(self) -> str:
        """A hash of all that decides a score."""
        settings = self.config.saved | {"intercept": self.intercept}
        arrays = {"idf": self.idf, "weights": self.weights}
        digests = {name: content_hash(np.ascontiguousarray(array).tobytes().hex()) for name, array in arrays.items()}
        return content_hash(settings | digests)[:12]

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Scores, float64 [n] in [0, 1]."""
        scores = np.empty(len(texts))
        for start in range(0, len(texts), _BATCH_TEXTS):
            part = texts[start : start + _BATCH_TEXTS]
            margins = _weigh(_count(part, self.config), self.idf) @ self.weights + self.intercept
            scores[start : start + len(part)] = 1 / (1 + np.exp(-margins))
        return scores

    def save(self, folder: Path) -> None:
        """Write ``scorer.safetensors`` and ``scorer.json``.

        :raises HormesisError: ``folder`` holds anything but an older one.
        """
        from safetensors.numpy import save_file

        description = {
            "kind": _SAVED_KIND,
            "name": self.name,
            "config": self.config.saved,
            "intercept": self.intercept,
            "validation_auroc": self.validation_auroc,
            "revision": self.revision,
        }
        with write_folder(folder, SAVED) as temporary:
            save_file({"idf": self.idf, "weights": self.weights}, temporary / "scorer.safetensors")
            with write_file(temporary / "scorer.json") as path:
                path.write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> NgramScorer:
        """Read what :meth:`save` wrote.

        :raises HormesisError: a file is absent, unreadable, or not what was saved.
        """
        with needed_for("the n-gram scorer"):
            from safetensors import SafetensorError
            from safetensors.numpy import load_file

        fix = "fit the scorer again, or copy its folder (scorer.json and scorer.safetensors) whole"
        try:
            description = read_object(folder / "scorer.json")
            arrays = load_file(folder / "scorer.safetensors")
            scorer = cls(
                config=NgramConfig.model_validate(description["config"]),
                idf=arrays["idf"],
                weights=arrays["weights"],
                intercept=float(description["intercept"]),
                validation_auroc=float(description["validation_auroc"]),
                name=description["name"],
            )
            if not isinstance(scorer.name, str):
                raise TypeError("its name is no text")
            is_saved = scorer.revision == description["revision"]  # a number that is not finite has no revision
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            raise HormesisError(f"the n-gram scorer in {folder} cannot be loaded ({error})", fix) from error
        if not is_saved:
            raise HormesisError(f"the n-gram scorer in {folder} is not the one that was saved there", fix)
        return scorer


@scorer
class NgramKind(FittedScorerKind):
    """An n-gram classifier."""

    kind: Literal["ngram"]
    tuning: NgramConfig = Field(default=NgramConfig(), description="what is counted, and how it is fitted")
    worth_caching = False

    def fit(
        self,
        texts: Sequence[str],
        labels: Sequence[bool],
        folder: Path,
        *,
        root: Path | None = None,  # noqa: ARG002
        progress: Callable[[int, int], None] | None = None,  # noqa: ARG002
    ) -> None:
        """See :meth:`NgramScorer.fit`."""
        NgramScorer.fit(texts, labels, self.tuning).save(folder)

    def open(self, folder: Path, world: Microworld | None) -> Scorer:  # noqa: ARG002
        """See :meth:`NgramScorer.load`."""
        return NgramScorer.load(folder)

    @classmethod
    def opened_from(cls, folder: Path) -> Scorer | None:
        """One that :meth:`NgramScorer.save` wrote."""
        try:
            description = read_object(folder / "scorer.json")
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            description = {"kind": _SAVED_KIND}  # damaged: loading says so
        return NgramScorer.load(folder) if description.get("kind") == _SAVED_KIND else None


def _count(texts: Sequence[str], config: NgramConfig) -> csr_matrix:
    """1 + log(count) of each hashed n-gram, float32 [texts, features]; words first."""
    with needed_for("the n-gram scorer"):
        from sklearn.feature_extraction.text import HashingVectorizer

    kinds = (
        ("word", config.words, config.word_features),
        ("char_wb", config.characters, config.character_features),
    )
    cut = [text[: config.max_characters] for text in texts]
    if config.spelling == "as meant":
        cut = [as_meant(text) for text in cut]
    parts = []
    for analyzer, lengths, buckets in kinds:
        vectorizer = HashingVectorizer(
            analyzer=analyzer,
            ngram_range=lengths,
            n_features=buckets,
            alternate_sign=False,
            norm=None,
            dtype=np.float32,
        )
        counts = vectorizer.transform(cut)
        np.log1p(counts.data - 1, out=counts.data)
        counts.data += 1
        parts.append(counts)
    return cast("csr_matrix", hstack(parts, format="csr"))


def _inverse_document_frequency(counts: csr_matrix) -> np.ndarray:
    """Smoothed as in scikit-learn's ``TfidfTransformer``: log((1 + n) / (1 + documents with the n-gram)) +
    1."""
    documents = np.bincount(counts.indices, minlength=counts.shape[1])
    frequencies: np.ndarray = np.log((1 + counts.shape[0]) / (1 + documents)) + 1
    return frequencies


def _weigh(counts: csr_matrix, idf: np.ndarray) -> csr_matrix:
    """Rows of unit length, so that long and short texts are alike."""
    from sklearn.preprocessing import normalize

    return cast("csr_matrix", normalize(counts @ diags(idf.astype(np.float32)), copy=False))
