"""Pairs of continuations, a preferred and a rejected one: what preference tuning learns from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hormesis.corpus.concepts import usable_text
from hormesis.corpus.rows import RowsConfig, read_rows
from hormesis.errors import HormesisError
from hormesis.files import write_file
from hormesis.reprs import short_repr


@short_repr
@dataclass(frozen=True)
class PreferencePair:
    """Two continuations of one prompt."""

    prompt: str
    """May be empty: then both are whole texts."""
    chosen: str
    """The better one, here the less toxic."""
    rejected: str
    """The other one."""


class PairConfig(RowsConfig):
    """A file of pairs: ParaDetox (a toxic comment and a neutral paraphrase of it), or one's own."""

    chosen: str = "neutral"
    """The column with the preferred text."""
    rejected: str = "toxic"
    """The column with the other one."""
    prompt: str | None = None
    """The column with the prompt; without it the texts are whole."""


def read_pairs(config: PairConfig, root: Path | None = None) -> tuple[PreferencePair, ...]:
    """Read pairs, in the file's order; rows that lack a text, or whose two texts are equal, are left out.

    :raises HormesisError: as :func:`~hormesis.corpus.rows.read_rows`; no pair is left.
    """
    columns = [config.chosen, config.rejected] + ([config.prompt] if config.prompt else [])
    pairs: list[PreferencePair] = []
    for row in read_rows(config.model_copy(update={"limit": None}), columns, root=root):
        prompt, chosen, rejected = (
            usable_text(row, column, config) if column else "" for column in (config.prompt, *columns[:2])
        )
        if prompt is not None and chosen is not None and rejected is not None and chosen != rejected:
            pairs.append(PreferencePair(prompt, chosen, rejected))
        if len(pairs) == config.limit:
            break
    if not pairs:
        raise HormesisError(
            f"{config.path or config.dataset} holds no pair of two different texts",
            f"name the columns: `chosen` is {config.chosen!r}, `rejected` {config.rejected!r}",
        )
    return tuple(pairs)


def ranked_pairs(
    prompts: Sequence[str],
    continuations: Sequence[Sequence[str]],
    scores: NDArray[np.floating],
    *,
    margin: float = 0.0,
) -> tuple[PreferencePair, ...]:
    """Of each prompt's continuations, the least against the most toxic one, if their scores differ by more than
    ``margin``.

    Score with something that never evaluates the result: else the tuning learns the metre's mistakes.

    :param continuations: [prompt][sample], the model's own.
    :param scores: [prompts, samples]; higher is more toxic. NaN where scoring failed: such a continuation is left out.
    :raises HormesisError: sizes that do not fit each other, or a negative margin.
    """
    samples = {len(texts) for texts in continuations}
    if len(continuations) != len(prompts) or scores.ndim != 2 or samples - {scores.shape[1]} or margin < 0:
        raise HormesisError(
            f"{len(prompts)} prompts, {len(continuations)} groups of {sorted(samples)} continuations, scores of shape"
            f" {scores.shape} and a margin of {margin:g} do not fit each other",
            "give one score for each continuation of each prompt, and a margin of at least 0",
        )
    pairs: list[PreferencePair] = []
    for prompt, texts, row in zip(prompts, continuations, np.asarray(scores, dtype=np.float64), strict=True):
        scored = np.flatnonzero(~np.isnan(row) & np.array([bool(text.strip()) for text in texts], dtype=bool))
        if len(scored) < 2:
            continue
        best, worst = scored[row[scored].argmin()], scored[row[scored].argmax()]
        if row[worst] - row[best] > margin and texts[best] != texts[worst]:
            pairs.append(PreferencePair(prompt, texts[best], texts[worst]))
    return tuple(pairs)


def check_no_pairs(path: Path, *, replace: bool) -> None:
    """:raises HormesisError: something is at ``path``, and it is not to be replaced."""
    if path.exists() and not replace:
        raise HormesisError(f"{path} exists", "choose another name, or replace it (`hormesis pairs --force`)")


def write_pairs(path: Path, pairs: Sequence[PreferencePair], *, replace: bool = False) -> None:
    """Write JSONL that :func:`read_pairs` reads, with the column ``prompt``.

    :param replace: overwrite what is at ``path``.
    :raises HormesisError: something is there.
    """
    check_no_pairs(path, replace=replace)
    with write_file(path, ours=True) as file:
        lines = ({"prompt": pair.prompt, "neutral": pair.chosen, "toxic": pair.rejected} for pair in pairs)
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
