"""Look for the texts of the evaluation among the rows of training, of scorers and of tuning.

Every pair of (rows, evaluation set) gives two measurement rows, of the set (``domain``) among the rows (``among``):
``overlap_whole`` and ``overlap_ngram``, the shares of the set's texts. ``findings.json`` names the first hits by file
and row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from pydantic import Field

from hormesis.config import Config, Named
from hormesis.corpus import EvaluationIndex, HeldOutConfig, LocatedText, Overlap, SourceConfig, located, role_of
from hormesis.corpus.overlap import NGRAM, SHORTEST
from hormesis.corpus.prompt_sources import FilePrompts, Prompts
from hormesis.detox import FromOwnSamples, FromPairs, PairConfig
from hormesis.files import write_json
from hormesis.measurements import Measurement
from hormesis.study.cells.corpus import CorpusInputs, corpus_data
from hormesis.study.cells.probe import SPLIT_SEED
from hormesis.study.cells.scorer import fitted_roles
from hormesis.study.engine.cell import Cell, Inputs
from hormesis.study.engine.kind import Job, Kind, kind
from hormesis.study.rows import origin_of, write_rows
from hormesis.study.texts import (
    Concept,
    Corpus,
    FileConcept,
    FileCorpus,
    concept_of,
    documents_of,
    look_at,
    prompts_of,
    read_texts,
)
from hormesis.study.tuning import may_be_tuned_on, prompts_to_tune_on

if TYPE_CHECKING:
    from hormesis.study.config import StudyConfig
    from hormesis.study.plan import Plan, Planning

T = TypeVar("T")
FINDINGS_FILE = "findings.json"
CONCEPT_FIT = "concept fit"
"""The rows that probes are fitted on."""
_Pair = tuple[str, str]
_Texts = dict[str, Callable[[], Iterable[LocatedText]]]
"""By name: what gives the texts, each time from the beginning."""


class ChecksSection(Config):
    """How evaluation texts are looked for among the rows of training, and what is tolerated."""

    ngram: int = Field(default=NGRAM, ge=2, description="words of an n-gram")
    shortest: int = Field(default=SHORTEST, ge=1, description="shorter texts are looked for as whole rows only")
    whole: float = Field(
        default=0.0, ge=0, le=1, description="tolerated share of a set's texts that are whole rows of training"
    )
    overlap: float = Field(
        default=0.1, ge=0, le=1, description="tolerated share of a set's texts that share an n-gram with training"
    )
    stop: bool = Field(default=True, description="false: go on, and let the report warn")
    against: Named[SourceConfig] = Field(
        default_factory=dict, description="more texts that must not be trained on, such as those of capability tasks"
    )


class CheckInputs(Inputs):
    """What is looked for, and where.

    What is found decides nothing here: what is tolerated is read when it is judged.
    """

    kind: ClassVar[str] = "check"
    corpus: Corpus
    held_out: HeldOutConfig
    prompts: dict[str, Prompts]
    concept: Concept
    pairs: dict[str, PairConfig]
    """By the method that is tuned on them."""
    ranked: dict[str, Prompts] = {}
    """By the method that is tuned on continuations of them."""
    control: tuple[SourceConfig, ...]
    """Sources that take the toxic one's place."""
    fitted: dict[str, tuple[SourceConfig, ...]]
    """``scorer``, ``labeller``: those that are fitted here, each with its own sources."""
    against: dict[str, SourceConfig]
    ngram: int
    shortest: int
    data: dict[str, str]

    @property
    def version(self) -> int:
        """1 looked at pairs that are not tuned on."""
        return 2 if self.pairs else 1


def checks_of(config: StudyConfig) -> ChecksSection | None:
    """What is checked: what the study says, else the defaults; None for a microworld that says nothing.

    A generated language repeats itself: its prompts and its training rows are draws from one distribution.
    """
    if config.checks is not None or not isinstance(config.corpus, FileCorpus):
        return config.checks
    return ChecksSection()


def pair_name(among: str, texts: str) -> str:
    """As ``findings.json`` names rows and the texts that were looked for in them."""
    return f"{among} → {texts}"


@kind
class CheckKind(Kind[CheckInputs]):
    """``findings.json`` and measurement rows."""

    inputs = CheckInputs
    after = ("corpus",)

    def plan(self, planning: Planning) -> Iterator[Cell[CheckInputs]]:
        """One, or none."""
        config, files = planning.config, planning.files
        checks = checks_of(config)
        if checks is None:
            return
        pairs = {each.arm: each.pairs for each in config.methods if isinstance(each, FromPairs)}
        ranked = {each.arm: each.prompts for each in config.methods if isinstance(each, FromOwnSamples)}
        rows = {role: _distinct(sources) for role, sources in fitted_roles(config).items()}
        control = [arms.replacement for arms in config.recipes if arms.replacement is not None]
        inputs = CheckInputs(
            corpus=config.corpus,
            held_out=config.held_out,
            prompts=config.evaluation.prompts,
            concept=config.concept,
            pairs=pairs,
            ranked=ranked,
            control=_distinct(control),
            fitted=rows,
            against=checks.against,
            ngram=checks.ngram,
            shortest=checks.shortest,
            data=corpus_data(planning)
            | files.prompts(config.evaluation.prompts)
            | files.fingerprints({"concept": config.concept} if isinstance(config.concept, FileConcept) else {})
            | files.fingerprints({f"pairs of {name}": each for name, each in pairs.items()})
            | files.prompts({f"prompts of {name}": each for name, each in ranked.items()})
            | files.fingerprints({f"control {place}": each for place, each in enumerate(control)})
            | files.fingerprints({f"{role} {i}": each for role, more in rows.items() for i, each in enumerate(more)})
            | files.fingerprints({f"against {name}": each for name, each in checks.against.items()}),
        )
        yield Cell(inputs, {"corpus": planning.of(CorpusInputs)[0]}, label="check")

    def foresee(self, plan: Plan, root: Path | None) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.foresee`."""
        checks = checks_of(plan.config)
        for source in checks.against.values() if checks is not None else ():
            look_at(source, root)

    def run(self, job: Job[CheckInputs]) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.run`."""
        inputs, root, corpus = job.inputs, job.root, job.folder("corpus")
        job.progress(0.02, "hashes the evaluation's texts")
        fitted: _Texts = {f"{role} rows": partial(_fitted, inputs, role, corpus, root) for role in inputs.fitted}
        sets = {name: texts() for name, texts in (_evaluated(inputs, corpus, root) | fitted).items()}
        index = EvaluationIndex(sets, ngram=inputs.ngram, shortest=inputs.shortest)
        streams = {**_training(inputs, root), **fitted, **_pairs(inputs, root)}
        found: dict[_Pair, Overlap] = {}
        for place, (name, rows) in enumerate(streams.items()):

            def show(read: int, name: str = name, place: int = place) -> None:
                job.progress(0.1 + 0.85 * place / len(streams), f"reads {name}: {read:,} rows")

            overlaps = index.scan(rows(), progress=show)
            # Pairs are held against what tuned models are evaluated on, and rows of a role not against themselves.
            found |= {(name, other): overlap for other, overlap in overlaps.items() if other != name}
        splits, shared = _splits(inputs, root)
        found |= splits
        origin = asdict(origin_of(job.cell.name, None))
        measured = [
            Measurement(**origin, metric=metric, domain=on, among=among, value=count / each.texts, n=each.texts)
            for (among, on), each in found.items()
            if each.texts
            for metric, count in (("overlap_whole", each.whole), ("overlap_ngram", each.ngram))
        ]
        measured.append(Measurement(**origin, metric="groups_shared", domain="concept", value=shared[0], n=shared[1]))
        write_json(
            job.work / FINDINGS_FILE, {pair_name(*pair): asdict(each) for pair, each in found.items() if each.places}
        )
        write_rows(job.work, measured)


def _evaluated(inputs: CheckInputs, corpus: Path, root: Path | None) -> _Texts:
    """What no model may be trained on: prompts, the concept's texts, held-out text, and what the study adds."""
    concept = concept_of(inputs.concept, inputs.corpus, root)
    held_out = sorted((corpus / "held_out").glob("*.parquet"))
    return {
        **{f"prompts {name}": partial(_prompts, inputs, name, root) for name in inputs.prompts},
        "concept": partial(_numbered, concept.texts, "concept"),
        **{f"held out {file.stem}": partial(_numbered, read_texts(file), file.stem) for file in held_out},
        **{name: partial(located, source, [source.column], root=root) for name, source in inputs.against.items()},
    }


def _prompts(inputs: CheckInputs, name: str, root: Path | None) -> Iterator[LocatedText]:
    section = inputs.prompts[name]
    texts = [prompt.text for prompt in prompts_of(section, inputs.corpus, root)]
    if not isinstance(section, FilePrompts):
        yield from _numbered(texts, name)
        return
    chosen = set(texts)
    for each in located(section.model_copy(update={"limit": None}), [section.column], root=root):
        if each.text in chosen:
            chosen.discard(each.text)
            yield each


def _training(inputs: CheckInputs, root: Path | None) -> _Texts:
    parts: _Texts = {f"training {part}": partial(_corpus_rows, inputs, part, root) for part in ("clean", "toxic")}
    if inputs.control:
        parts["training control"] = partial(_sources, inputs.control, root)
    return {name: partial(_of_role, texts, inputs, "train") for name, texts in parts.items()}


def _corpus_rows(inputs: CheckInputs, part: str, root: Path | None) -> Iterator[LocatedText]:
    if isinstance(inputs.corpus, FileCorpus):
        source = inputs.corpus.clean if part == "clean" else inputs.corpus.toxic
        return located(source, [source.column], root=root)
    return _numbered((document.text for document in documents_of(inputs.corpus, part, root)), part)


def _fitted(inputs: CheckInputs, role: str, corpus: Path, root: Path | None) -> Iterator[LocatedText]:
    """The rows that a scorer or labeller is fitted on: those of the corpus, and those of its own sources."""
    for part in ("clean", "toxic"):
        texts = read_texts(corpus / "scorer_rows" / f"{part}.parquet")
        yield from _of_role(partial(_numbered, texts, f"scorer_rows/{part}"), inputs, role)
    yield from _of_role(partial(_sources, inputs.fitted[role], root), inputs, role)


def _pairs(inputs: CheckInputs, root: Path | None) -> _Texts:
    """What methods are tuned on; those that share their pairs stand together."""
    found: _Texts = {}
    for pairs in _distinct(inputs.pairs.values()):
        methods = ", ".join(method for method, own in inputs.pairs.items() if own == pairs)
        columns = [column for column in (pairs.prompt, pairs.chosen, pairs.rejected) if column]
        found[f"pairs of {methods}"] = partial(_tuned_on, pairs, columns, inputs, root)
    for method, prompts in inputs.ranked.items():
        unseen = partial(prompts_to_tune_on, prompts, inputs.prompts.values(), inputs.corpus, root)
        found[f"prompts of {method}"] = partial(_made, unseen, method)
    return found


def _tuned_on(pairs: PairConfig, columns: list[str], inputs: CheckInputs, root: Path | None) -> Iterator[LocatedText]:
    """The texts of pairs that may be tuned on; of all, whatever the limit, which counts usable pairs."""
    every = located(pairs.model_copy(update={"limit": None}), columns, root=root)
    for _, row in groupby(every, key=lambda each: each.origin):
        texts = list(row)
        if may_be_tuned_on((each.text for each in texts), inputs.held_out):
            yield from texts


def _made(texts: Callable[[], list[str]], name: str) -> Iterator[LocatedText]:
    return _numbered(texts(), f"prompts of {name}")


def _distinct(sections: Iterable[T]) -> tuple[T, ...]:
    """Each once, in order; they are not hashable."""
    found: list[T] = []
    for each in sections:
        if each not in found:
            found.append(each)
    return tuple(found)


def _splits(inputs: CheckInputs, root: Path | None) -> tuple[dict[_Pair, Overlap], tuple[int, int]]:
    """Texts that probes are fitted on among those that rank and test them, and (groups in several parts, groups)."""
    from hormesis.representation import split_by_group

    concept = concept_of(inputs.concept, inputs.corpus, root)
    split = split_by_group(concept.groups, SPLIT_SEED)
    parts = {"fit": split.fit, "validation": split.validation, "test": split.test}
    groups = [group for rows in parts.values() for group in {concept.groups[i] for i in rows}]
    texts = {
        part: [LocatedText(concept.texts[i], f"concept:{i + 1}") for i in rows.tolist()] for part, rows in parts.items()
    }
    later = {f"concept {part}": texts[part] for part in ("validation", "test")}
    found = EvaluationIndex(later, ngram=inputs.ngram, shortest=inputs.shortest).scan(texts["fit"])
    shared = len(groups) - len(set(groups))
    return {(CONCEPT_FIT, part): overlap for part, overlap in found.items()}, (shared, len(set(groups)))


def _sources(sources: Iterable[SourceConfig], root: Path | None) -> Iterator[LocatedText]:
    for source in sources:
        yield from located(source, [source.column], root=root)


def _of_role(texts: Callable[[], Iterable[LocatedText]], inputs: CheckInputs, role: str) -> Iterator[LocatedText]:
    return (each for each in texts() if role_of(each.text, inputs.held_out) == role)


def _numbered(texts: Iterable[str], name: str) -> Iterator[LocatedText]:
    return (LocatedText(text, f"{name}:{number}") for number, text in enumerate(texts, start=1))
