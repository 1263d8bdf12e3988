"""Any Hugging Face sequence classifier as a toxicity scorer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from pydantic import Field

from hormesis.corpus import Microworld
from hormesis.errors import HormesisError
from hormesis.evaluate.scorer import Scorer
from hormesis.evaluate.scorers.base import ScorerKind
from hormesis.evaluate.scorers.registry import scorer
from hormesis.files import content_hash, file_hash
from hormesis.models import context_length
from hormesis.optional import needed_for
from hormesis.pretrained import read_model, read_tokenizer

if TYPE_CHECKING:
    import torch

BATCH = 64
"""Texts of a forward pass, where nothing is said."""
_TOXIC_LABELS = ("toxic", "toxicity", "hate", "hateful", "hatespeech", "offensive", "abusive", "hostile")
"""Label names that mean toxicity, the most general first; compared without case, spaces, hyphens and
underscores."""
_NO_NAMES = ("label0", "score")
"""What a lone label may be called that says nothing of what it means."""


class HuggingFaceScorer:
    """The probability of the toxic label.

    Classifiers with one label, and those whose ``config.problem_type`` is multi-label, have independent
    labels: sigmoid. All others: softmax. Texts are cut at the classifier's context, and run in batches of
    similar length.

    :param model: a folder, or a hub id (which needs a network unless it is in the hub's cache). Weights must
        be safetensors.
    :param label: the label's name; None looks for one that says so ("toxic", "toxicity", "hate", …).
    :param revision: a commit, for a hub id.
    :raises HormesisError: the classifier cannot be loaded, or its toxic label cannot be told.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        label: str | None = None,
        revision: str | None = None,
        batch_size: int = BATCH,
        device: str | torch.device = "cpu",
    ) -> None:
        with needed_for("a classifier as scorer"):
            from transformers import AutoModelForSequenceClassification

            from hormesis.memory import Batches  # it needs torch

        self.name = Path(model).name if Path(model).is_dir() else str(model)
        self._batch_size = batch_size
        self._fitting = Batches("texts that are scored")
        given = {} if revision is None else {"revision": revision}
        try:
            self._tokenizer = read_tokenizer(model, given)
            self._model = read_model(AutoModelForSequenceClassification, model, given)
        except HormesisError as error:
            raise HormesisError(
                f"the scorer {model} cannot be loaded ({error.problem})",
                f"{error.fix}; offline, use the n-gram scorer",
            ) from error
        if not self._tokenizer.get_vocab():
            raise HormesisError(f"the scorer {model} has no tokenizer", "save its tokenizer into the same folder")
        cast("torch.nn.Module", self._model).to(device).eval()
        config = self._model.config
        names = cast("dict[int, str]", config.id2label)
        self._label = _toxic_label(names, label, str(model))
        self._independent = config.num_labels == 1 or config.problem_type == "multi_label_classification"
        weights = _folder_revision(Path(model)) if Path(model).is_dir() else getattr(config, "_commit_hash", None)
        self.revision = f"{weights or revision or 'unknown'}:{names[self._label]}"

    def to(self, device: str | torch.device) -> None:
        """Judge on another device."""
        cast("torch.nn.Module", self._model).to(device)

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Scores, float64 [n]; NaN for a text of no tokens and where the classifier gives no finite
        number."""
        import torch

        scores = np.full(len(texts), np.nan)
        limit = min(context_length(self._model.config) or 512, self._tokenizer.model_max_length)
        encoded = self._tokenizer(list(texts), truncation=True, max_length=limit)["input_ids"] if texts else []
        order = [i for i in np.argsort([len(ids) for ids in encoded], kind="stable").tolist() if encoded[i]]
        with torch.inference_mode():
            for start in range(0, len(order), self._batch_size):
                batch = order[start : start + self._batch_size]
                for chosen, found in self._fitting.run(batch, lambda part: self._batch([encoded[i] for i in part])):
                    scores[chosen] = found
        return scores

    def _batch(self, ids: list[list[int]]) -> np.ndarray:
        batch = self._tokenizer.pad({"input_ids": ids}, return_tensors="pt").to(self._model.device)
        logits = self._model(**batch).logits.float()
        probabilities = logits.sigmoid() if self._independent else logits.softmax(-1)
        column: np.ndarray = probabilities[:, self._label].double().cpu().numpy()
        return column


@scorer
class HuggingFaceKind(ScorerKind):
    """Any Hugging Face sequence classifier: a folder, or a hub id."""

    kind: Literal["huggingface"]
    model: str
    label: str | None = Field(default=None, description="the name of the toxic label, if it cannot be guessed")

    def open(self, folder: Path, world: Microworld | None) -> Scorer:  # noqa: ARG002
        """See :class:`HuggingFaceScorer`."""
        return HuggingFaceScorer(self.model, label=self.label)

    def is_same_model(self, other: ScorerKind) -> bool:
        """Whichever label is read."""
        return isinstance(other, HuggingFaceKind) and self.model == other.model


def _toxic_label(names: dict[int, str], wanted: str | None, model: str) -> int:
    """The index of the toxic label.

    Names must match as a whole: "non-toxic" is not "toxic". A lone label without a name of its own is the toxic one.
    """
    plain = {_bare(str(name)): index for index, name in names.items()}
    if wanted is not None:
        key = _bare(wanted)
        if key not in plain:
            raise HormesisError(
                f"the scorer {model} has no label {wanted!r}",
                f"give one of: {', '.join(map(str, names.values()))}",
            )
        return plain[key]
    for name in _TOXIC_LABELS:
        if name in plain:
            return plain[name]
    if len(names) == 1 and next(iter(plain)) in _NO_NAMES:
        return next(iter(names))
    raise HormesisError(
        f"no label of the scorer {model} says that it means toxicity: {', '.join(map(str, names.values()))}",
        f"name the toxic one: `--scorer {model}@LABEL`, `label:` in a study, label=… in Python",
    )


def _bare(name: str) -> str:
    """A label as it is compared."""
    return re.sub(r"[\s_-]", "", name).lower()


def _folder_revision(folder: Path) -> str:
    """A hash over everything in a model folder that decides a score."""
    files = sorted(path for path in folder.iterdir() if path.suffix in (".safetensors", ".json", ".txt", ".model"))
    return content_hash({path.name: file_hash(path) for path in files})[:12]
