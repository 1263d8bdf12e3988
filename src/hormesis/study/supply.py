"""Whether the corpus has the tokens that a study mixes, told from a look at its text before anything is tokenised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from hormesis.corpus import role_of
from hormesis.errors import HormesisError
from hormesis.study.cells.pretrain import PretrainInputs, rows_of
from hormesis.study.plan import Plan
from hormesis.study.texts import FileCorpus, documents_of

_LONGEST_TOKEN = 6
"""Bytes of text a token, more than any tokenizer makes of prose on average."""
_MOST_BYTES, _SAMPLE_BYTES = 32 * 2**20, 2**19
_SAMPLE_DOCUMENTS = 400  # of a generated language, all of whose documents are alike
_SURE = 0.7
"""Of the tokens that are wanted: with fewer by the estimate, they are surely not there."""


@dataclass(frozen=True)
class Supply:
    """Tokens of one part of the corpus.

    :param wanted: by the mixture that takes the most, without recipes.
    :param there: about so many; None: enough (the look ended when that was sure), or unknown (a dataset of the hub).
    """

    part: str
    wanted: int
    there: int | None

    @property
    def is_short(self) -> bool:
        """Whether there seem to be fewer than are wanted."""
        return self.there is not None and self.there < self.wanted


def supply(plan: Plan, root: Path | None) -> tuple[Supply, ...]:
    """Of the clean and the toxic part; reads 32 MiB of text at most."""
    config = plan.config
    arms = [cell.inputs for cell in plan.of(PretrainInputs) if "recipe" not in cell.needs]
    length = config.training.sequence_length
    found = []
    for place, part in enumerate(("clean", "toxic")):
        wanted = max((rows_of(arm)[place] for arm in arms), default=0) * length
        found.append(Supply(part, wanted, _there(plan, part, wanted, root) if wanted else None))
    return tuple(found)


def refuse_short(found: tuple[Supply, ...], *, repetition: bool) -> None:
    """:raises HormesisError: tokens are surely missing, and rows may not be repeated."""
    for each in found:
        if not repetition and each.there is not None and each.there < _SURE * each.wanted:
            raise HormesisError(
                f"the mixtures take {each.wanted:,} {each.part} tokens, and the {each.part} source has about"
                f" {each.there:,}",
                "add data, lower the shares or `mixture.tokens`, or set `allow_repetition: true`; `hormesis study mix`"
                " counts exactly",
            )


def _there(plan: Plan, part: str, wanted: int, root: Path | None) -> int | None:
    corpus, held_out = plan.config.corpus, plan.config.held_out.for_training
    documents = documents_of(corpus, part, root)
    if isinstance(corpus, FileCorpus):
        if (corpus.clean if part == "clean" else corpus.toxic).path is None:
            return None
    else:
        documents = islice(documents, _SAMPLE_DOCUMENTS)
    most = min(_MOST_BYTES, wanted * _LONGEST_TOKEN)
    sample: list[str] = []
    count = read = kept_bytes = sampled = 0
    for document in documents:
        read += 1
        if role_of(document.text, held_out) != "train":
            continue
        size = len(document.text.encode())
        count, kept_bytes = count + 1, kept_bytes + size
        if sampled < _SAMPLE_BYTES:
            sample.append(document.text)
            sampled += size
        if kept_bytes >= most and isinstance(corpus, FileCorpus):
            return None
    if not sample:
        return 0
    scale = 1.0
    if not isinstance(corpus, FileCorpus):
        scale = (corpus.clean_documents if part == "clean" else corpus.toxic_documents) / read
    tokens = kept_bytes * _tokens_a_byte(plan, sample, root) + count  # each document ends with one
    return round(scale * tokens)


def _tokens_a_byte(plan: Plan, sample: list[str], root: Path | None) -> float:
    from hormesis.corpus.tokenizer import load_tokenizer, trained

    section = plan.config.tokenizer
    if section.path is not None:
        tokenizer = load_tokenizer(section.path if root is None else root / section.path).backend_tokenizer
    else:
        tokenizer = trained(_half(sample), section.vocabulary or 0)
    encoded = tokenizer.encode_batch(sample, add_special_tokens=False)
    return sum(len(each) for each in encoded) / sum(len(text.encode()) for text in sample)


def _half(sample: list[str]) -> Iterator[str]:
    """What a tokenizer is tried on should not be all that it was made of."""
    return iter(sample[: max(1, len(sample) // 2)])
