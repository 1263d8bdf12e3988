"""What the scorers call toxic: function by function, and of the study's own texts, cut to what its models write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from hormesis.evaluate.behaviour import functions_digest
from hormesis.study.cells.corpus import CorpusInputs
from hormesis.study.cells.scorer import ScorerInputs, open_scorer
from hormesis.study.engine.cell import Cell, Inputs
from hormesis.study.engine.kind import Job, Kind, kind
from hormesis.study.rows import origin_of, write_rows
from hormesis.study.texts import MicroworldCorpus, read_texts

if TYPE_CHECKING:
    from hormesis.study.plan import Planning


class BehaviourInputs(Inputs):
    """What a scorer is asked."""

    kind: ClassVar[str] = "behaviour"
    tokens: int
    """Of a snippet: as many as models write."""
    functions: str
    """The digest of the shipped sentences; empty where they are not asked, for the microworld has words of its own."""


@kind
class BehaviourKind(Kind[BehaviourInputs]):
    """Measurement rows: one a function."""

    inputs = BehaviourInputs
    after = ("scorer",)

    def plan(self, planning: Planning) -> Iterator[Cell[BehaviourInputs]]:
        """One for each scorer."""
        config = planning.config
        inputs = BehaviourInputs(
            tokens=config.evaluation.generation.max_new_tokens,
            functions="" if isinstance(config.corpus, MicroworldCorpus) else functions_digest(),
        )
        for scorer in planning.of(ScorerInputs):
            needs: dict[str, Cell[Any]] = {"scorer": scorer, "corpus": planning.of(CorpusInputs)[0]}
            yield Cell(inputs, needs, label=f"behaviour {scorer.inputs.scorer.kind}")

    def run(self, job: Job[BehaviourInputs]) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.run`."""
        from hormesis.corpus import load_tokenizer
        from hormesis.evaluate.behaviour import check_behaviour, snippets

        inputs, corpus = job.inputs, job.folder("corpus")
        tokenizer = load_tokenizer(corpus / "tokenizer")
        scorer = open_scorer(job.cell.need("scorer", ScorerInputs), job.store, job.device)

        def cut(text: str) -> str:
            ids = tokenizer(text, add_special_tokens=False)["input_ids"][: inputs.tokens]
            return str(tokenizer.decode(ids, skip_special_tokens=True)).strip("\N{REPLACEMENT CHARACTER}")

        held_out = (read_texts(corpus / "held_out" / f"{part}.parquet") for part in ("clean", "toxic"))
        clean, toxic = (snippets(texts, cut) for texts in held_out)
        found = check_behaviour(scorer, clean, toxic, english=bool(inputs.functions))
        write_rows(job.work, found.rows(origin_of(job.cell.name, None)))
