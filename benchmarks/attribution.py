"""Quotations that are cut and altered by code from a store's own documents: a check that no rule was written against.

    python -m benchmarks.attribution EVIDENCE.parquet… [--count 300] [--seed 0] [--times QUOTATIONS.parquet]

Each kind is drawn from other sentences, of 9 to 30 words, that stand in one document only. It prints, by kind, the
share of right verdicts, all verdicts, and the mean processor time of one; with --times, only the processor time of each
quotation in a file.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq

from hormesis.counterspeech import Document, EvidenceStore, attribute, read_evidence

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_VERBS = re.compile(r"\b(is|are|was|were|has|have|will|can|must|shall|may|should|would)\b(?! not)")
Altered = tuple[str, str | None] | None
"""(Quotation, claimed author); None where a sentence does not lend itself to the kind."""


def _sentences(documents: list[Document]) -> list[tuple[str, Document]]:
    found = [(text.strip(), one) for one in documents for text in _SENTENCE.split(" ".join(one.text.split()))]
    often = Counter(text for text, _ in found)
    plain = [each for each in found if re.fullmatch(r"[A-Z][A-Za-z ,;'-]+[.!]", each[0]) and often[each[0]] == 1]
    return [(text, one) for text, one in plain if 9 <= len(text.split()) <= 30]


def _kinds(draw: random.Random, sentences: list[tuple[str, Document]]) -> dict[str, Callable[[str, Document], Altered]]:
    words = [word for text, _ in sentences for word in text.split() if len(word) > 4 and word.isalpha()]

    def replaced(text: str, one: Document) -> Altered:
        parts = text.split()
        places = [place for place, word in enumerate(parts[1:-1], 1) if len(word) > 4 and word.isalpha()]
        new = draw.choice(words)
        if not places or new in parts:
            return None
        parts[draw.choice(places)] = new
        return " ".join(parts), one.author

    def negated(text: str, one: Document) -> Altered:
        return (_VERBS.sub(r"\1 not", text, count=1), one.author) if _VERBS.search(text) else None

    def spliced(text: str, one: Document) -> Altered:
        other, source = draw.choice(sentences)
        if source is one:
            return None
        return " ".join(text.split()[: len(text.split()) // 2] + other.split()[len(other.split()) // 2 :]), one.author

    def other_author(text: str, one: Document) -> Altered:
        author = draw.choice(sentences)[1].author
        last = {part.lower() for part in one.author.split()}
        return None if last & {part.lower() for part in author.split()} else (text, author)

    return {
        "verbatim": lambda text, one: (text, one.author),
        "verbatim, no author": lambda text, _: (text, None),
        "one word replaced": replaced,
        "negation inserted": negated,
        "two halves spliced": spliced,
        "another author": other_author,
    }


_RIGHT = {
    "verbatim": ("VERIFIED",),
    "verbatim, no author": ("VERIFIED",),
    "one word replaced": ("ALTERED",),
    "negation inserted": ("ALTERED",),
    "two halves spliced": ("ALTERED", "NOT_FOUND"),
    "another author": ("MISATTRIBUTED",),
}


def _drawn(
    draw: random.Random, sentences: list[tuple[str, Document]], make: Callable[[str, Document], Altered]
) -> Iterator[tuple[str, str | None]]:
    while True:
        if (made := make(*draw.choice(sentences))) is not None:
            yield made


def _times(store: EvidenceStore, quotations: Path) -> Iterator[float]:
    """Milliseconds of processor time of each."""
    for row in pq.read_table(quotations, columns=["quotation", "claimed_author"]).to_pylist():
        began = time.process_time()
        attribute(store, row["quotation"], row["claimed_author"])
        yield 1000 * (time.process_time() - began)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--times", type=Path)
    given = parser.parse_args()
    evidence = [each for file in given.files for each in read_evidence(file)]
    store = EvidenceStore.of(evidence)
    if given.times is not None:
        spent_on = sorted(_times(store, given.times))
        middle, late = spent_on[len(spent_on) // 2], spent_on[int(0.95 * len(spent_on))]
        print(f"{len(spent_on)} quotations: median {middle:.1f} ms, 95th percentile {late:.1f} ms")  # noqa: T201
        return
    draw = random.Random(given.seed)
    sentences = _sentences([each for each in evidence if isinstance(each, Document)])
    print(f"{store.size} documents, {len(sentences)} sentences, {given.count} a kind, seed {given.seed}")  # noqa: T201
    for kind, make in _kinds(draw, sentences).items():
        verdicts: Counter[str] = Counter()
        began = time.process_time()
        for _, (quotation, author) in zip(range(given.count), _drawn(draw, sentences, make), strict=False):
            verdicts[attribute(store, quotation, author).verdict.value] += 1
        spent = 1000 * (time.process_time() - began) / given.count
        right = sum(verdicts[verdict] for verdict in _RIGHT[kind]) / given.count
        print(f"| {kind} | {right:.3f} | {dict(verdicts)} | {spent:.1f} ms |")  # noqa: T201


if __name__ == "__main__":
    main()
