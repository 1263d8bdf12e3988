"""A second kind of offline scorer: any Hugging Face encoder, fine-tuned on labelled texts into a sequence classifier.

It reads words in context where :class:`~hormesis.evaluate.NgramScorer` counts them, so that the two err differently.
What is saved is a plain folder for :class:`~hormesis.evaluate.HuggingFaceScorer`, and for any other tool.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field

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
from hormesis.evaluate.scorers.huggingface import HuggingFaceScorer
from hormesis.evaluate.scorers.registry import scorer
from hormesis.evaluate.scorers.spelling import misspelt
from hormesis.files import write_folder
from hormesis.marks import FolderKind, check_replaceable
from hormesis.optional import needed_for
from hormesis.pretrained import read_model, read_tokenizer

if TYPE_CHECKING:
    from torch import Tensor

NAMES = ("nontoxic", "toxic")
SAVED = FolderKind("a fine-tuned encoder")
_HEADS = ("classifier", "pre_classifier", "score", "pooler", "head", "sequence_summary", "logits_proj")
"""Parts of encoders that no pretraining on text alone gives values to."""
_FEWEST = 20


class EncoderConfig(FittingConfig):
    """How an encoder is fine-tuned."""

    epochs: float = Field(default=1.0, gt=0, description="passes over the texts")
    batch: int = Field(default=32, ge=1, description="texts of a step")
    learning_rate: float = Field(default=5e-5, gt=0, description="at its peak; warms up over a tenth, then falls to 0")
    max_length: int = Field(default=64, ge=2, description="tokens of a text; cut right")
    spelling: Literal["as it is", "varied"] = Field(
        default="as it is", description="varied: in a third of the texts some words are spelled in other ways"
    )
    held_out: float = Field(default=0.1, gt=0, lt=1, description="share of the texts for validation")
    seed: Seed = 0


ROBUST_ENCODER = EncoderConfig(spelling="varied", lengths="matched", mentions="balanced")
"""Not by length or the names of groups, and used to odd spelling: what is fitted from the command line."""


def fit_encoder(
    model: str | Path,
    texts: Sequence[str],
    labels: Sequence[bool] | np.ndarray,
    folder: Path,
    config: EncoderConfig | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> float:
    """Fine-tune the encoder ``model`` and write a sequence classifier to ``folder``.

    The classes weigh equally in the loss, so that 0.5 means the same whatever the labelled texts held.

    :param model: a folder or a hub id.
    :param labels: True = toxic.
    :param progress: called with (steps done, steps).
    :returns: AUROC on the texts that were held out.
    :raises HormesisError: the encoder cannot be loaded, a class has fewer than 20 texts, `accelerate` is missing,
        or ``folder`` holds anything but an older one.
    """
    check_replaceable(folder, SAVED)
    with needed_for("fine-tuning an encoder"):
        import torch
        from datasets import Dataset
        from sklearn.metrics import roc_auc_score
        from torch.nn.functional import cross_entropy
        from transformers import (
            AutoModelForSequenceClassification,
            DataCollatorWithPadding,
            PrinterCallback,
            Trainer,
            TrainingArguments,
        )

        from hormesis.detox.weights.tuning import step_reports

    config = config or EncoderConfig()
    toxic = np.asarray(labels, dtype=bool)
    check_enough(texts, toxic, _FEWEST)
    try:
        tokenizer = read_tokenizer(model)
        torch.manual_seed(config.seed)  # the classification head is drawn
        network = read_model(
            AutoModelForSequenceClassification,
            model,
            {"num_labels": 2, "id2label": dict(enumerate(NAMES))},
            new=_is_head,
        )
    except HormesisError as error:
        raise HormesisError(f"the encoder {model} cannot be loaded ({error.problem})", error.fix) from error
    held_out = held_out_texts(texts, toxic, config.held_out, config.seed)
    if config.lengths == "matched":
        texts = with_matched_lengths(texts, toxic, config.seed)
    read = _respelled(texts, held_out, config.seed) if config.spelling == "varied" else texts
    ids: list[list[int]] = tokenizer(list(read), truncation=True, max_length=config.max_length)["input_ids"]
    data = Dataset.from_dict(
        {
            "input_ids": [ids[i] for i in np.flatnonzero(~held_out)],
            "labels": toxic[~held_out].astype(int).tolist(),
        }
    )
    share = float(toxic[~held_out].mean())
    weights = torch.tensor([0.5 / (1 - share), 0.5 / share])
    if config.mentions == "balanced":  # each label with the weight of its text
        of_texts = balanced_weights(texts, toxic)[~held_out].tolist()
        pairs = [[float(label), weight] for label, weight in zip(data["labels"], of_texts, strict=True)]
        data = data.remove_columns("labels").add_column("labels", pairs)

    def loss(outputs: Any, labels: Tensor, **_: object) -> Tensor:
        if labels.ndim == 1:
            return cross_entropy(outputs.logits, labels, weight=weights.to(outputs.logits.device))
        each = cross_entropy(outputs.logits, labels[:, 0].long(), reduction="none")
        return (each * labels[:, 1]).sum() / labels[:, 1].sum()

    with tempfile.TemporaryDirectory() as scratch:
        try:
            arguments = TrainingArguments(
                output_dir=scratch,
                num_train_epochs=config.epochs,
                per_device_train_batch_size=config.batch,
                learning_rate=config.learning_rate,
                warmup_steps=0.1,
                seed=config.seed,
                data_seed=config.seed,
                report_to="none",
                save_strategy="no",
                logging_strategy="no",
                disable_tqdm=True,
                dataloader_pin_memory=False,
                use_cpu=not torch.cuda.is_available(),
            )
        except ImportError as error:
            raise HormesisError(
                f"fine-tuning needs a package that is not installed ({str(error).splitlines()[0]})",
                "pip install 'hormesis[steer]'",
            ) from error
        trainer = Trainer(
            model=network,
            args=arguments,
            train_dataset=data,
            data_collator=DataCollatorWithPadding(tokenizer),
            compute_loss_func=loss,
            callbacks=[step_reports(progress)],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    with write_folder(folder, SAVED) as temporary:
        network.cpu().save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
    unseen = np.flatnonzero(held_out).tolist()
    scores = HuggingFaceScorer(folder).score([texts[i] for i in unseen])
    scored = np.isfinite(scores)
    return float(roc_auc_score(toxic[unseen][scored], scores[scored]))


@scorer
class EncoderKind(FittedScorerKind):
    """Any Hugging Face encoder, fine-tuned into a classifier."""

    kind: Literal["encoder"]
    model: str = Field(description="its folder, or a hub id")
    tuning: EncoderConfig = EncoderConfig()

    @property
    def begins_with(self) -> str:
        """``model``."""
        return self.model

    def fit(
        self,
        texts: Sequence[str],
        labels: Sequence[bool],
        folder: Path,
        *,
        root: Path | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """See :func:`fit_encoder`."""
        local = Path(self.model) if root is None else root / self.model
        fit_encoder(local if local.is_dir() else self.model, texts, labels, folder, self.tuning, progress)

    def open(self, folder: Path, world: Microworld | None) -> Scorer:  # noqa: ARG002
        """What :func:`fit_encoder` wrote, under a name that is not that of its folder."""
        encoder = HuggingFaceScorer(folder)
        encoder.name = self.kind
        return encoder


def _is_head(weight: str) -> bool:
    """Whether a weight belongs to what stands on an encoder, and is fitted: classifier, pooler, the layers between."""
    return any(part in _HEADS for part in weight.split("."))


def _respelled(texts: Sequence[str], held_out: np.ndarray, seed: int) -> list[str]:
    """The same, a third of those to fit on with words spelled in other ways."""
    generator = np.random.default_rng((seed, 2))
    chosen = (generator.random(len(texts)) < 1 / 3) & ~held_out
    return [misspelt(text, generator) if respell else text for text, respell in zip(texts, chosen, strict=True)]
