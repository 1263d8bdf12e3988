"""Concepts: texts with a label and a group, from which later rooms fit probes and scorers."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from hormesis.config import Seed
from hormesis.corpus.copies import first_places
from hormesis.corpus.documents import text_of
from hormesis.corpus.readers import Row, Undecodable, Value, pick
from hormesis.corpus.rows import RowsConfig, Scalar, read_rows
from hormesis.corpus.seeds import generator
from hormesis.errors import HormesisError
from hormesis.reprs import short_repr

log = logging.getLogger(__name__)

_COPIES_APART = 0.01
"""The share of texts that may stand in several groups (ToxiGen's: 0.0002)."""


@short_repr
@dataclass(frozen=True)
class LabelledTexts:
    """A concept as examples: N texts, their labels and their groups."""

    texts: tuple[str, ...]
    labels: npt.NDArray[np.bool_]
    """bool [N]; True = toxic (the concept is present)."""
    groups: tuple[str, ...]
    """What splits must not cut through: target group, author, topic."""

    def __post_init__(self) -> None:
        if not len(self.texts) == len(self.labels) == len(self.groups):
            raise ValueError(f"{len(self.texts)} texts, {len(self.labels)} labels, {len(self.groups)} groups")

    def __len__(self) -> int:
        return len(self.texts)

    def _repr_html_(self) -> str:
        """What a notebook shows: counts, no text."""
        toxic = int(self.labels.sum())
        return (
            f"<table><tr><th>texts</th><th>toxic</th><th>groups</th></tr><tr><td>{len(self):,}</td>"
            f"<td>{toxic:,} ({toxic / max(1, len(self)):.1%})</td><td>{len(set(self.groups)):,}</td></tr></table>"
        )


class ConceptConfig(RowsConfig):
    """A labelled data set. ``limit`` rows are drawn at random (``seed``), for files are often sorted."""

    column: str = "text"
    """The column with the text."""
    label: str
    """The column with the label: a number or a boolean, or a word if ``toxic_values`` is given."""
    threshold: float = 0.5
    """A number at or above it means toxic (the paper: 2.5 on ToxiGen's human score)."""
    toxic_values: tuple[Scalar, ...] | None = None
    """The labels that mean toxic, instead of a threshold."""
    group: str | None = None
    """The column with the group; without it every text is a group of its own, with its copies."""
    seed: Seed = 0


def read_concept(config: ConceptConfig, root: Path | None = None) -> LabelledTexts:
    """Read a concept; rows without text or label are left out and counted in one log line.

    :raises HormesisError: as :func:`~hormesis.corpus.rows.read_rows`; a label is not a number; only one of
        the two classes is there.
    """
    return _concept(read_rows(config.model_copy(update={"limit": None}), _columns(config), root=root), config)


def concept_of_records(records: Iterable[Mapping[str, object]], config: ConceptConfig) -> LabelledTexts:
    """A concept from rows that are already in memory; the place that ``config`` names is only named in errors.

    :raises HormesisError: as :func:`read_concept`.
    """
    place = str(config.path or config.dataset)
    rows = (
        Row({column: pick(record, column, place, required=True) for column in _columns(config)}, f"{place}:{number}")
        for number, record in enumerate(cast("Iterable[dict[str, Value]]", records), start=1)
    )
    return _concept(rows, config)


def _columns(config: ConceptConfig) -> list[str]:
    return [config.column, config.label] + ([config.group] if config.group else [])


def _concept(rows: Iterable[Row], config: ConceptConfig) -> LabelledTexts:
    texts: list[str] = []
    labels: list[bool] = []
    groups: list[str] = []
    left_out = 0
    for number, row in enumerate(rows):
        text = usable_text(row, config.column, config)
        label = _label(row, config)
        if text is None or label is None:
            left_out += 1
            continue
        texts.append(text)
        labels.append(label)
        groups.append(str(row.values[config.group]) if config.group else str(number))
    if left_out:
        log.info("%s: left out %d rows without text or label", config.path or config.dataset, left_out)
    if len(set(labels)) < 2:
        raise HormesisError(
            f"{config.path or config.dataset} holds {len(labels)} labelled texts, of one class at most",
            f"check `label` ({config.label!r}) and `threshold` ({config.threshold:g}): both are needed",
        )
    groups = _with_copies(texts, groups, config)
    chosen = list(range(len(texts)))
    if config.limit is not None and config.limit < len(texts):
        drawn = generator("concept", config.seed).permutation(len(texts))[: config.limit]
        chosen = sorted(drawn.tolist())
    return LabelledTexts(
        tuple(texts[i] for i in chosen),
        np.array([labels[i] for i in chosen], dtype=np.bool_),
        tuple(groups[i] for i in chosen),
    )


def _with_copies(texts: list[str], groups: list[str], config: ConceptConfig) -> list[str]:
    """The groups, so that copies of a text are in one: without a column of groups, that of the first of them.

    Few copies may stay in several groups, as published sets have them; where there are more, groups that share a text
    become one.

    :raises HormesisError: most texts would be in one group.
    """
    first = first_places(texts)
    if config.group is None:
        return [groups[place] for place in first]
    names, codes = np.unique(groups, return_inverse=True)
    apart = int(np.sum(codes[first] != codes))
    if apart <= _COPIES_APART * len(texts):
        return groups
    links = csr_matrix((np.ones(len(codes)), (codes, codes[first])), shape=(len(names), len(names)))
    joined = connected_components(links, directed=False)[1]
    largest = int(np.bincount(joined[codes]).max())
    if 2 * largest > len(texts):
        raise HormesisError(
            f"{apart:,} of {len(texts):,} texts of {config.path or config.dataset} are copies of one in another"
            f" {config.group}: joined by them, one group has {largest:,} texts, and no split can keep copies together",
            "take the copies out, or name a column of groups that keeps them together",
        )
    log.info("%d copies stand in several groups of %s, which are joined", apart, config.group)
    representative = names[np.unique(joined, return_index=True)[1]]
    return [str(representative[joined[code]]) for code in codes]


def usable_text(row: Row, column: str, config: RowsConfig) -> str | None:
    """The text of a row, ``None`` where there is none or it may be skipped.

    :raises HormesisError: it is undecodable, and ``config`` does not say to skip it.
    """
    text = text_of(row, column)
    if not isinstance(text, Undecodable):
        return text
    if config.undecodable == "error":
        raise text.at(row.origin)
    return None


def number_of(value: Value, row: Row, column: str) -> float | None:
    """A number from a column, written as one or as text; ``None`` where it is null or NaN.

    :raises HormesisError: the column holds something else.
    """
    if isinstance(value, str):
        value = _written(value)
    if value is None:
        return None
    if not isinstance(value, int | float):
        raise HormesisError(
            f"{row.origin}: the column {column!r} holds {type(value).__name__}, no number",
            "name another column",
        )
    return None if math.isnan(value) else float(value)


def _written(text: str) -> float | str | None:
    """The number or boolean that ``text`` spells; None where it is empty; else as it is."""
    word = text.strip().lower()
    if not word or word in ("true", "false"):
        return float(word == "true") if word else None
    try:
        return float(word)
    except ValueError:
        return text


def _label(row: Row, config: ConceptConfig) -> bool | None:
    value = row.values[config.label]
    if config.toxic_values is not None:
        return None if value is None else value in config.toxic_values
    number = number_of(value, row, config.label)
    return None if number is None else number >= config.threshold
