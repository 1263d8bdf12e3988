"""Texts of many concepts: the values of a column, equally many texts of each."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import Field

from hormesis.config import Seed
from hormesis.corpus.concepts import usable_text
from hormesis.corpus.held_out import normalised
from hormesis.corpus.rows import RowsConfig, read_rows
from hormesis.errors import HormesisError
from hormesis.reprs import short_repr

log = logging.getLogger(__name__)


@short_repr
@dataclass(frozen=True)
class ConceptTexts:
    """N texts and the concept of each, sorted by concept."""

    texts: tuple[str, ...]
    concepts: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The concepts, sorted."""
        return tuple(sorted(set(self.concepts)))


class ConceptBankConfig(RowsConfig):
    """A file or data set whose rows name a concept, such as a forum or a target group."""

    column: str = "text"
    """The column with the text."""
    concept: str
    """The column with the concept's name."""
    minimum: int = Field(default=100, ge=6)
    """Concepts with fewer distinct texts are left out; so many texts are drawn of each other one."""
    concepts: int = Field(default=24, ge=2)
    """At most so many concepts: those with most texts, by name where these are equal."""
    seed: Seed = 0
    """Of the draw of texts."""


def read_concept_bank(
    config: ConceptBankConfig, root: Path | None = None, *, without: Iterable[str] = ()
) -> ConceptTexts:
    """Draw ``minimum`` texts of each concept: those whose hash with the seed is least, so that the order of the file
    does not matter, nor do its other rows. A text that stands under two concepts is of the first alone.

    Memory holds the drawn texts and the hashes of the others.

    :param without: texts that must not be drawn.
    :raises HormesisError: as :func:`~hormesis.corpus.rows.read_rows`; fewer than two concepts have enough texts.
    """
    seen = {_identity(text) for text in without}
    drawn: dict[str, list[tuple[int, str]]] = {}
    counts: dict[str, int] = {}
    for row in read_rows(config, [config.column, config.concept], root=root):
        text, name = usable_text(row, config.column, config), row.values[config.concept]
        if text is None or name is None or str(name).strip() == "":
            continue
        identity = _identity(text)
        if identity in seen:
            continue
        seen.add(identity)
        concept = str(name)
        counts[concept] = counts.get(concept, 0) + 1
        place = int.from_bytes(sha256(f"{config.seed}\0{text}".encode()).digest()[:8])
        kept = drawn.setdefault(concept, [])
        if len(kept) < config.minimum:
            heapq.heappush(kept, (-place, text))
        else:
            heapq.heappushpop(kept, (-place, text))
    enough = sorted((name for name in counts if counts[name] >= config.minimum), key=lambda name: (-counts[name], name))
    if len(enough) < 2:
        where = config.path or config.dataset
        raise HormesisError(
            f"{len(enough)} of {len(counts)} values of {config.concept!r} in {where} have {config.minimum} texts",
            "lower `minimum`, or name another column of concepts",
        )
    log.info("%d of %d concepts have %d texts or more", len(enough), len(counts), config.minimum)
    chosen = sorted(enough[: config.concepts])
    texts = tuple(text for name in chosen for _, text in sorted(drawn[name], reverse=True))
    return ConceptTexts(texts, tuple(name for name in chosen for _ in range(config.minimum)))


def _identity(text: str) -> bytes:
    """Of a text and its copies."""
    return sha256(normalised(text).encode(errors="surrogatepass")).digest()
