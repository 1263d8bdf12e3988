"""From a study to its cells: what has to be computed, and which cell needs which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hormesis.corpus.prompt_sources import FilePrompts, Prompts
from hormesis.corpus.rows import RowsConfig
from hormesis.detox import FromOwnSamples, FromPairs, MethodOptions, is_fitted
from hormesis.pretrain import shape_hash
from hormesis.study.cells import (
    Arm,
    Cell,
    CorpusInputs,
    EvaluateInputs,
    GeometryInputs,
    PretrainInputs,
    ProbeInputs,
    TamperInputs,
)
from hormesis.study.check_cells import check_cells
from hormesis.study.config import FileConcept, FileCorpus, StudyConfig
from hormesis.study.data import DataFiles
from hormesis.study.geometry_config import FileBank, GeometrySection
from hormesis.study.recipe_cells import RecipeCells
from hormesis.study.scorer_cells import ScorerCells


@dataclass(frozen=True)
class Plan:
    """All cells of a study, each after those that it needs."""

    config: StudyConfig
    cells: tuple[Cell, ...]
    data: dict[str, str]
    """Fingerprints of all files that the study reads."""

    def of_kind(self, kind: str) -> tuple[Cell, ...]:
        """The cells of one kind, in order."""
        return tuple(cell for cell in self.cells if cell.inputs.kind == kind)

    @property
    def measured(self) -> tuple[Cell, ...]:
        """The cells whose measurements the report draws; all others exist for them."""
        return tuple(cell for cell in self.cells if cell.inputs.kind not in ("corpus", "recipe"))


def make_plan(config: StudyConfig, root: Path | None, recorded: Mapping[str, str] | None = None) -> Plan:
    """The cells of ``config``; relative paths of data are read against ``root``.

    :param recorded: fingerprints (:meth:`hormesis.study.store.Store.recorded_data`) to take where data was
        read before, for looking at a results folder without its data.
    :raises HormesisError: a file of the study is missing.
    """
    files = DataFiles(root, recorded)
    cells = tuple(_cells(config, files))
    return Plan(config, cells, files.seen)


def _cells(config: StudyConfig, files: DataFiles) -> Iterator[Cell]:
    evaluation = config.evaluation
    corpus_data = (
        files.fingerprints(
            {"clean": config.corpus.clean, "toxic": config.corpus.toxic}
            if isinstance(config.corpus, FileCorpus)
            else {}
        )
        | files.fingerprints(evaluation.domains)
        | files.tokenizer(config.tokenizer.path)
    )
    corpus = Cell(
        CorpusInputs(
            corpus=config.corpus,
            held_out=config.held_out.for_training,
            tokenizer=config.tokenizer,
            domains=evaluation.domains,
            documents=evaluation.documents,
            data=corpus_data,
        ),
        label="corpus",
    )
    yield corpus
    prompt_data = _prompt_data(evaluation.prompts, files)
    yield from check_cells(config, files, corpus, corpus_data | prompt_data)
    scorers = ScorerCells(config, files, corpus, corpus_data | prompt_data)
    yield from (*scorers.scorers, *scorers.calibrations)
    recipes = RecipeCells(config, files, corpus, corpus_data)
    yield from recipes.cells
    concept_data = files.fingerprints({"concept": config.concept} if isinstance(config.concept, FileConcept) else {})
    # Shares are the inner loop, so that an interrupted study has whole replications to show.
    for seeds in config.seeds:
        for prepared, share in recipes.arms():
            mixture = prepared.mixture(config.mixture.at(share))
            arm = Arm(share=share, budget=config.mixture.budget, seeds=seeds, recipe=prepared.name)
            label = f"{'' if prepared.arms is None else f'{arm.recipe} '}share {share:g} seed {seeds.init}"
            model = Cell(
                PretrainInputs(
                    arm=arm,
                    mixture=mixture,
                    training=config.training,
                    shape=shape_hash(config.training.preset),
                ),
                {"corpus": corpus} | ({"recipe": prepared.cell} if prepared.cell else {}),
                label=f"pretrain {label}",
            )
            yield model
            probe = Cell(
                ProbeInputs(arm=arm, corpus=config.corpus, concept=config.concept, data=concept_data),
                {"model": model},
                label=f"probe {label}",
            )
            yield probe
            if config.geometry is not None:
                geometry = GeometryInputs(
                    arm=arm,
                    corpus=config.corpus,
                    concept=config.concept,
                    geometry=config.geometry,
                    data=concept_data | _geometry_data(config.geometry, files),
                )
                yield Cell(geometry, {"model": model}, label=f"geometry {label}")
            for method in (None, *prepared.methods(config.methods)):
                evaluated = Cell(
                    EvaluateInputs(
                        arm=arm,
                        method=method,
                        condition=prepared.condition,
                        corpus=config.corpus,
                        prompts=evaluation.prompts,
                        generation=evaluation.generation,
                        documents=evaluation.documents,
                        samples_in_report=evaluation.samples_in_report,
                        tasks=evaluation.tasks,
                        detection=evaluation.detection,
                        data=prompt_data
                        | files.tasks(evaluation.tasks)
                        | files.fingerprints({"detection": evaluation.detection} if evaluation.detection else {})
                        | _method_data(method, files),
                    ),
                    {"corpus": corpus, **scorers.needs, "model": model}
                    | ({"probe": probe} if is_fitted(method) else {})
                    | (recipes.labeller_needed if isinstance(method, FromOwnSamples) else {}),
                    label=f"{method.method if method else 'base'} {label}",
                )
                yield evaluated
                if config.tampering is not None and config.tampering.concerns(method):
                    yield Cell(
                        TamperInputs(
                            arm=arm,
                            method=method,
                            condition=prepared.condition,
                            tampering=config.tampering,
                            corpus=config.corpus,
                            held_out=config.held_out.for_training,
                            prompts=evaluation.prompts,
                            generation=evaluation.generation,
                            documents=evaluation.documents,
                            data=corpus_data | prompt_data,
                        ),
                        {"corpus": corpus, **scorers.needs, "model": model}
                        | ({"evaluated": evaluated} if is_fitted(method) else {}),
                        label=f"tamper {evaluated.label}",
                    )


def _prompt_data(prompts: Mapping[str, Prompts], files: DataFiles) -> dict[str, str]:
    return files.fingerprints({name: each for name, each in prompts.items() if isinstance(each, FilePrompts)})


def _method_data(method: MethodOptions | None, files: DataFiles) -> dict[str, str]:
    """Fingerprints of what a method is tuned on."""
    if isinstance(method, FromPairs):
        return files.fingerprints({"pairs": method.pairs})
    return _prompt_data({"tuning": method.prompts}, files) if isinstance(method, FromOwnSamples) else {}


def _geometry_data(geometry: GeometrySection, files: DataFiles) -> dict[str, str]:
    """Fingerprints of the bank and of the second data set."""
    sources: dict[str, RowsConfig] = {"bank": geometry.bank} if isinstance(geometry.bank, FileBank) else {}
    if geometry.transfer is not None:
        sources |= {"transfer toxic": geometry.transfer.toxic, "transfer nontoxic": geometry.transfer.nontoxic}
    return files.fingerprints(sources)
