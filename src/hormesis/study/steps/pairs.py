"""Which pairs of a file models may be fine-tuned on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hormesis.corpus import HeldOutConfig, role_of
from hormesis.detox import PairConfig, PreferencePair, read_pairs
from hormesis.errors import HormesisError


def may_be_tuned_on(texts: Iterable[str], held_out: HeldOutConfig) -> bool:
    """Whether none of the texts of a pair is set aside, for evaluation or for a scorer.

    What is kept from pretraining must be kept from fine-tuning, too: ParaDetox holds comments of the very sets that
    corpora are made of.
    """
    return all(role_of(text, held_out) == "train" for text in texts if text)


def pairs_to_tune_on(pairs: PairConfig, held_out: HeldOutConfig, root: Path | None) -> tuple[PreferencePair, ...]:
    """Those of a file that :func:`may_be_tuned_on`.

    :raises HormesisError: they cannot be read, or none is left.
    """
    kept = tuple(
        pair for pair in read_pairs(pairs, root) if may_be_tuned_on((pair.prompt, pair.chosen, pair.rejected), held_out)
    )
    if not kept:
        raise HormesisError(
            f"every pair of {pairs.path or pairs.dataset} has a text that is set aside by `held_out`",
            "give more pairs, or set less aside",
        )
    return kept
