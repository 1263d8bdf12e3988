"""Prompts: what generation starts from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hormesis.config import Seed
from hormesis.corpus.concepts import number_of, usable_text
from hormesis.corpus.held_out import half_of
from hormesis.corpus.readers import Row
from hormesis.corpus.rows import RowsConfig, read_rows
from hormesis.corpus.seeds import generator
from hormesis.errors import HormesisError
from hormesis.reprs import short_repr


@short_repr
@dataclass(frozen=True)
class Prompt:
    """A text to continue, whether it is toxic itself (``None`` = not known), and its group."""

    text: str
    toxic: bool | None = None
    group: str = ""
    """The target group (ToxiGen) or the kind of prompt (microworld)."""


class PromptConfig(RowsConfig):
    """A file of prompts: RealToxicityPrompts (``score``), ToxiGen prompts (``kind``), or one's own.

    ``limit`` prompts are drawn at random (``seed``), half of them toxic if ``balanced``; they keep the file's
    order.
    """

    column: str = "prompt"
    """The column with the prompt."""
    score: str | None = None
    """A column with a toxicity score of the prompt; toxic at or above ``threshold``."""
    threshold: float = 0.5
    kind: str | None = None
    """A column with the kind of the prompt; toxic if it is one of ``toxic_kinds``."""
    toxic_kinds: tuple[str, ...] = ("hate",)
    group: str | None = None
    """The column with the group; without it all prompts are of the group ``all``."""
    balanced: bool = False
    """Draw as many toxic prompts as others."""
    half: Literal["evaluate", "tune"] | None = None
    """Only one half of the prompts, by a hash of their text: what one half tunes, the other may evaluate."""
    seed: Seed = 0


def read_prompts(config: PromptConfig, root: Path | None = None) -> tuple[Prompt, ...]:
    """Read prompts; rows without text are left out.

    :raises HormesisError: as :func:`~hormesis.corpus.rows.read_rows`; no prompt is left; ``balanced`` is
        asked for and there is no column to tell toxic prompts by, or too few prompts of a kind.
    """
    if config.balanced and config.score is None and config.kind is None:
        raise HormesisError("balanced prompts need to know which are toxic", "name the column `score` or `kind`")
    columns = [config.column, *(column for column in (config.score, config.kind, config.group) if column)]
    prompts = []
    for row in read_rows(config.model_copy(update={"limit": None}), columns, root=root):
        text = usable_text(row, config.column, config)
        if text is not None and _is_of_half(text, config):
            group = str(row.values[config.group]) if config.group else "all"
            prompts.append(Prompt(text, _toxic(row, config), group))
    if not prompts:
        raise HormesisError(
            f"the column {config.column!r} of {config.path or config.dataset} holds no prompt",
            "name the column of text",
        )
    order = generator("prompts", config.seed).permutation(len(prompts)).tolist()
    chosen = _balanced(prompts, order, config) if config.balanced else order[: config.limit]
    return tuple(prompts[i] for i in sorted(chosen))


def _is_of_half(text: str, config: PromptConfig) -> bool:
    return config.half is None or (half_of(text) == "first") == (config.half == "evaluate")


def _balanced(prompts: list[Prompt], order: list[int], config: PromptConfig) -> list[int]:
    toxic = [i for i in order if prompts[i].toxic is True]
    other = [i for i in order if prompts[i].toxic is False]
    half = min(len(toxic), len(other)) if config.limit is None else config.limit // 2
    if half == 0 or min(len(toxic), len(other)) < half:
        raise HormesisError(
            f"{config.path or config.dataset} has {len(toxic)} toxic and {len(other)} other prompts,"
            f" not {half} of each",
            "lower `limit`, or set `balanced: false`",
        )
    return toxic[:half] + other[:half]


def _toxic(row: Row, config: PromptConfig) -> bool | None:
    if config.kind is not None:
        return row.values[config.kind] in config.toxic_kinds
    if config.score is None:
        return None
    score = number_of(row.values[config.score], row, config.score)
    return None if score is None else score >= config.threshold
