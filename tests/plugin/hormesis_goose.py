"""One of each thing that a package may add to hormesis: a file format, a recipe, a scorer, a text metric, a method."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from hormesis.corpus import Document, Microworld
from hormesis.corpus.readers import Row, absent, reader
from hormesis.corpus.recipes import DocumentTransform, recipe
from hormesis.detox import Method, MethodOptions, method
from hormesis.evaluate.scorers import ScorerKind, scorer
from hormesis.evaluate.text_metrics import text_metric

if TYPE_CHECKING:
    from hormesis.detox import Evidence, Prompting
    from hormesis.evaluate import Generations, Scorer


@reader(".goose")
def goose_rows(file: Path, columns: Sequence[str]) -> Iterator[Row]:
    """A text a line, after ``honk``."""
    for column in columns:
        if column != "text":
            raise absent(column, file, ["text"])
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            yield Row(dict.fromkeys(columns, line.removeprefix("honk ").strip()), f"{file}:{number}")


@recipe
class Loud(DocumentTransform):
    """Documents in capitals."""

    recipe: Literal["goose-loud"] = "goose-loud"
    mark: str = "!"
    label, summary, needs, citation = "loud geese", "documents in capitals", "nothing", "tests"

    def transform(self, document: Document, scores: Sequence[float]) -> Document:  # noqa: ARG002
        return Document(document.text.upper() + self.mark, document.source)


@dataclass(frozen=True)
class ListScorer:
    """1 where a word of the list occurs, whatever its case."""

    words: frozenset[str]
    name: str = "goose-list"
    revision: str = "1"

    def score(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([float(not self.words.isdisjoint(text.lower().split())) for text in texts])


@scorer
class Listed(ScorerKind):
    """Words on a list."""

    kind: Literal["goose-list"]
    words: tuple[str, ...]

    def open(self, folder: Path, world: Microworld | None) -> Scorer:  # noqa: ARG002
        return ListScorer(frozenset(self.words))


class HonkOptions(MethodOptions):
    """How often it honks."""

    method: Literal["goose-honk"]
    times: int = 2


@method
class Honk(Method[HonkOptions]):
    """Honks before every prompt."""

    options = HonkOptions
    label, summary, source, needs = "honking", "honks before every prompt", "tests", "nothing"
    made, of_options_alone = "hormesis.detox.prompting:Prompting", True

    def make(self, known: Evidence, options: HonkOptions) -> Prompting:  # noqa: ARG002
        from hormesis.detox import Prompting

        return Prompting("Honk. " * options.times, self.name)


@text_metric("share with capitals", more_is_better=False)
def goose_capitals(generations: Generations) -> np.ndarray:
    """The share of continuations that hold a capital."""
    return np.array([[np.mean([t != t.lower() for t in each]) for each in prompt] for prompt in generations.texts])
