"""From a study to the cell that looks for its evaluation texts among the rows of training."""

from __future__ import annotations

from hormesis.corpus import SourceConfig
from hormesis.corpus.prompt_sources import FilePrompts, Prompts
from hormesis.detox import FromOwnSamples, FromPairs, PairConfig
from hormesis.evaluate.scorers import FittedScorerKind
from hormesis.study.cells import Cell, CheckInputs
from hormesis.study.check_config import ChecksSection
from hormesis.study.config import FileConcept, FileCorpus, StudyConfig
from hormesis.study.data import DataFiles


def checks_of(config: StudyConfig) -> ChecksSection | None:
    """What is checked: what the study says, else the defaults; None for a microworld that says nothing.

    A generated language repeats itself: its prompts and its training rows are draws from one distribution.
    """
    if config.checks is not None or not isinstance(config.corpus, FileCorpus):
        return config.checks
    return ChecksSection()


def check_cells(config: StudyConfig, files: DataFiles, corpus: Cell, data: dict[str, str]) -> tuple[Cell, ...]:
    """The check of a study, or none.

    :param data: fingerprints of the corpus's files and of the prompts'.
    """
    checks = checks_of(config)
    if checks is None:
        return ()
    pairs: dict[str, PairConfig] = {m.method: m.pairs for m in config.methods if isinstance(m, FromPairs)}
    ranked: dict[str, Prompts] = {m.method: m.prompts for m in config.methods if isinstance(m, FromOwnSamples)}
    fitted = {
        "scorer": [each for each in config.evaluation.all_scorers if isinstance(each, FittedScorerKind)],
        "labeller": [config.labeller] if isinstance(config.labeller, FittedScorerKind) else [],
    }
    rows: dict[str, tuple[SourceConfig, ...]] = {
        role: _distinct([source for section in sections for source in section.nontoxic])
        for role, sections in fitted.items()
        if sections
    }
    control = [source for arms in config.recipes if (source := arms.replacement) is not None]
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
        data=data
        | files.fingerprints({"concept": config.concept} if isinstance(config.concept, FileConcept) else {})
        | files.fingerprints({f"pairs of {name}": each for name, each in pairs.items()})
        | files.fingerprints({f"prompts of {m}": each for m, each in ranked.items() if isinstance(each, FilePrompts)})
        | files.fingerprints({f"control {place}": each for place, each in enumerate(control)})
        | files.fingerprints({f"{role} {i}": each for role, more in rows.items() for i, each in enumerate(more)})
        | files.fingerprints({f"against {name}": each for name, each in checks.against.items()}),
    )
    return (Cell(inputs, {"corpus": corpus}, label="check"),)


def _distinct(sources: list[SourceConfig]) -> tuple[SourceConfig, ...]:
    return tuple(source for place, source in enumerate(sources) if source not in sources[:place])
