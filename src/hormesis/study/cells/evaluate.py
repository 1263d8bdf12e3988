"""Measure one model under one method, at all its strengths."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from pydantic import Field, field_validator, model_validator

from hormesis.config import Config, Named, check_names_differ
from hormesis.corpus import (
    ContinuationsConfig,
    HeldOutConfig,
    ScoredTextsConfig,
    SourceConfig,
    read_continuations,
    read_prompts,
)
from hormesis.corpus.prompt_sources import FilePrompts, Prompts
from hormesis.detox import METHODS, FromOwnSamples, FromPairs, MethodOptions, TuningOptions, is_fitted
from hormesis.evaluate import TEXT_METRICS, CapabilityConfig, DetectionConfig, GenerationConfig
from hormesis.files import write_file
from hormesis.measurements import Measurement
from hormesis.measurements.frames import write_table
from hormesis.measurements.names import ANSWERS_FILE, DETECTION_FILE, DOCUMENTS_FILE, OTHERS_FILE, PROMPTS_FILE
from hormesis.optional import require
from hormesis.pretrain import layers_and_heads
from hormesis.report import Sample
from hormesis.study.arms import Arm
from hormesis.study.calibrating import TRIED_STRENGTHS, strength_rows, strengths_at_costs
from hormesis.study.cells.corpus import CorpusInputs
from hormesis.study.cells.labeller import LabellerInputs
from hormesis.study.cells.pretrain import Precision, PretrainInputs, open_model
from hormesis.study.cells.probe import ProbeInputs, open_evidence, probe_of
from hormesis.study.cells.scorer import ScorerSection, check_scorers, needed_scorers, open_scorer, scorers_needed
from hormesis.study.engine.cell import Cell, Inputs
from hormesis.study.engine.kind import Job, Kind, kind
from hormesis.study.limits import check_lengths, check_sites
from hormesis.study.methods import MethodArms, StudyMethod, columns_of_arm
from hormesis.study.rows import SAMPLES_FILE, origin_of, write_rows
from hormesis.study.texts import Corpus, prompts_of, read_texts
from hormesis.study.tuning import pairs_of, pairs_to_tune_on

if TYPE_CHECKING:
    from pathlib import Path

    from hormesis.detox import Intervention, PreferencePair
    from hormesis.evaluate import Measured
    from hormesis.models import LanguageModel
    from hormesis.study.engine.cost import CellEstimate, Pricing
    from hormesis.study.plan import Plan, PlannedArm, Planning

_GENERATION_SHARE = 0.8  # of a cell's time, for its progress


class EvaluationSection(Config):
    """How models are measured."""

    prompts: Named[Prompts] = Field(min_length=1)
    generation: GenerationConfig = GenerationConfig()
    precision: Precision = Field(
        default="float32",
        description="of the models that are measured; bfloat16 is faster on a GPU, and gives other rows (and cells)",
    )
    scorer: ScorerSection
    """The one that the report takes its figures from."""
    scorers: tuple[ScorerSection, ...] = Field(
        default=(), description="several, the main one first, in the place of `scorer`: each judges every continuation"
    )
    accept_scorer: bool = Field(
        default=False, description="go on with a scorer that judges something else than toxicity; the report warns"
    )
    perspective: ScoredTextsConfig | None = Field(
        default=None, description="texts with Perspective's scores (RealToxicityPrompts), to hold the scorers against"
    )
    domains: Named[SourceConfig] = Field(
        default_factory=dict, description="more held-out text for cross-entropy, beside `clean` and `toxic`"
    )
    documents: int = Field(default=300, gt=0, description="documents a domain for cross-entropy and KL")
    samples_in_report: int = Field(default=3, ge=0)
    tasks: CapabilityConfig | None = Field(default=None, description="questions of known benchmarks, through lm-eval")
    detection: DetectionConfig | None = Field(
        default=None, description="ToxiGen's annotated texts, which the models are to tell apart themselves"
    )
    likelihood: ContinuationsConfig | None = Field(
        default=None,
        description="continuations by people with scores (RealToxicityPrompts): are toxic ones likelier to a model?",
    )

    @model_validator(mode="before")
    @classmethod
    def _first_is_main(cls, values: object) -> object:
        if isinstance(values, dict) and values.get("scorers") and "scorer" not in values:
            return {**values, "scorer": values["scorers"][0]}
        return values

    @model_validator(mode="after")
    def _scorers_differ(self) -> EvaluationSection:
        check_scorers(self.scorer, self.scorers)
        return self

    @property
    def all_scorers(self) -> tuple[ScorerSection, ...]:
        """The main one first."""
        return self.scorers or (self.scorer,)

    @field_validator("domains")
    @classmethod
    def _names_are_free(cls, domains: dict[str, SourceConfig]) -> dict[str, SourceConfig]:
        if taken := {"clean", "toxic"} & set(domains):
            raise ValueError(f"{sorted(taken)} name the study's own held-out rows; choose another name")
        check_names_differ(["clean", "toxic", *domains])
        return domains


class EvaluateInputs(Inputs):
    """What is measured; ``method`` None is the model as it is."""

    kind: ClassVar[str] = "evaluate"
    arm: Arm
    method: StudyMethod | None
    condition: str = ""
    """What the arm's recipe puts before every prompt and text."""
    corpus: Corpus
    prompts: dict[str, Prompts]
    generation: GenerationConfig
    precision: Precision = "float32"
    documents: int
    held_out: HeldOutConfig | None = None
    """What sets the text aside on which strengths are found; None where none are."""
    samples_in_report: int
    tasks: CapabilityConfig | None = None
    detection: DetectionConfig | None = None
    likelihood: ContinuationsConfig | None = None
    data: dict[str, str]

    @property
    def version(self) -> int:
        """The method's own."""
        return METHODS[self.method.method].version if self.method is not None else 1


@kind
class EvaluateKind(Kind[EvaluateInputs]):
    """``prompts.parquet`` and ``documents.parquet`` (numbers by prompt and document), ``answers.parquet`` (by question)
    and ``detection.parquet`` (by text) where they are asked for, their summary as measurements, and ``intervention/``
    where one was fitted."""

    inputs = EvaluateInputs
    after = ("scorer", "probe")

    def plan_method(
        self, planning: Planning, arm: PlannedArm, method: MethodArms | None
    ) -> Iterator[Cell[EvaluateInputs]]:
        """One."""
        evaluation, files = planning.config.evaluation, planning.files
        tuned_on: dict[str, str] = files.fingerprints({"pairs": method.pairs}) if isinstance(method, FromPairs) else {}
        if isinstance(method, FromOwnSamples):
            tuned_on |= files.prompts({"tuning": method.prompts})
        inputs = EvaluateInputs(
            arm=arm.arm,
            method=method,
            condition=arm.condition,
            corpus=planning.config.corpus,
            prompts=evaluation.prompts,
            generation=evaluation.generation,
            precision=evaluation.precision,
            documents=evaluation.documents,
            held_out=planning.config.held_out if method is not None and method.at_costs is not None else None,
            samples_in_report=evaluation.samples_in_report,
            tasks=evaluation.tasks,
            detection=evaluation.detection,
            likelihood=evaluation.likelihood,
            data=files.prompts(evaluation.prompts)
            | files.tasks(evaluation.tasks)
            | files.fingerprints({"detection": evaluation.detection} if evaluation.detection else {})
            | files.fingerprints({"likelihood": evaluation.likelihood} if evaluation.likelihood else {})
            | tuned_on,
            plugins=plugins_of(method),
        )
        needs: dict[str, Cell[Any]] = {"corpus": planning.of(CorpusInputs)[0], **scorers_needed(planning)}
        needs["model"] = arm.cell(PretrainInputs)
        if method is not None and is_fitted(method):
            needs["probe"] = probe_of(arm, method.concept)
        if isinstance(method, FromOwnSamples):
            needs["labeller"] = planning.of(LabellerInputs)[0]
        yield Cell(inputs, needs, label=f"{method.arm if method else 'base'} {arm.label}")

    def foresee(self, plan: Plan, root: Path | None) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.foresee`."""
        config, evaluation = plan.config, plan.config.evaluation
        check_lengths(config, root)
        layers, heads = layers_and_heads(config.training.preset)
        for method in config.methods:
            check_sites(method, config.training.preset, layers, heads)
            if isinstance(method, TuningOptions):
                require(method.arm, "trl", "peft")
            if isinstance(method, FromPairs) and method.pairs.path is not None:
                pairs_to_tune_on(method.pairs, config.held_out.for_training, root)
        for prompts in evaluation.prompts.values():
            if isinstance(prompts, FilePrompts) and prompts.path is not None:
                read_prompts(prompts, root)
        if evaluation.tasks or evaluation.detection or evaluation.likelihood:
            require("measuring capability", "lm_eval")
        if evaluation.tasks is not None:
            from hormesis.evaluate import load_tasks

            load_tasks(evaluation.tasks, root)
        if evaluation.detection is not None and evaluation.detection.path is not None:
            from hormesis.evaluate import read_toxigen

            read_toxigen(evaluation.detection, root)
        if evaluation.likelihood is not None and evaluation.likelihood.path is not None:
            read_continuations(evaluation.likelihood, root)

    def run(self, job: Job[EvaluateInputs]) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.run`."""
        from hormesis.detox import AtCosts, Conditioned, Unsteered
        from hormesis.evaluate import EvaluationSuite, Setting, load_tasks, measure, read_toxigen

        inputs, work, method = job.inputs, job.work, job.inputs.method
        lm = open_model(job.cell.need("model", PretrainInputs), job.store, job.device, inputs.precision)
        scorers = [open_scorer(cell, job.store, job.device) for cell in needed_scorers(job.cell)]
        pairs = pairs_of(job, lm)
        intervention: Intervention = Unsteered() if method is None else _made(job, method, lm, pairs)
        found_at = {} if method is None else strengths_at_costs(job, method, lm, intervention)
        strengths = method.measured_strengths if method is not None else (0.0,)
        if found_at:
            intervention = AtCosts(intervention, {cost: each.strength for cost, each in found_at.items()})
            strengths = tuple(found_at)
        if inputs.condition:
            intervention = Conditioned(intervention, inputs.condition)
        held_out = sorted((job.folder("corpus") / "held_out").glob("*.parquet"))
        suite = EvaluationSuite(
            {domain: prompts_of(section, inputs.corpus, job.root) for domain, section in inputs.prompts.items()},
            {path.stem: read_texts(path)[: inputs.documents] for path in held_out},
            scorers,
            load_tasks(inputs.tasks, job.root) if inputs.tasks is not None else (),
            read_toxigen(inputs.detection, job.root) if inputs.detection is not None else None,
            inputs.generation,
            read_continuations(inputs.likelihood, job.root) if inputs.likelihood is not None else None,
        )
        told = _told(job.progress, list(suite.prompts))
        found = measure(lm, Setting(intervention, strengths), suite, progress=told)
        _write(work, found)
        with write_file(work / SAMPLES_FILE) as temporary:
            samples = _samples(found, inputs.arm, method, inputs.samples_in_report)
            temporary.write_text("".join(json.dumps(asdict(sample)) + "\n" for sample in samples), encoding="utf-8")
        heads = method.edited_heads if method is not None else None
        name = method.arm if method is not None else "base"
        origin = origin_of(job.cell.name, inputs.arm, method=name, columns=columns_of_arm(method), heads=heads)
        rows = found.rows(origin) + strength_rows(found_at, origin)
        if pairs:
            count = len(pairs)
            rows.append(Measurement(**asdict(origin), metric="tuning_pairs", domain="pairs", value=count, n=count))
        write_rows(work, rows)

    def cost(self, inputs: EvaluateInputs, pricing: Pricing) -> CellEstimate:
        """Generating and reading at all strengths, and learning where the method learns."""
        method = inputs.method
        times = len(method.measured_strengths) if method is not None else 1
        tokens = times * tokens_to_measure(inputs.prompts, inputs.generation, inputs.documents, pricing)
        if method is not None and method.at_costs is not None:
            tokens += TRIED_STRENGTHS * method.at_costs.documents * pricing.length
        if isinstance(method, FromOwnSamples):
            tokens += pricing.count_of(method.prompts) * method.samples * method.max_new_tokens
        return pricing.of(tokens * streams_of(method), learned=learned_tokens(method, pricing.length))


def plugins_of(method: MethodOptions | None) -> dict[str, str]:
    """The plug-ins that decide what is measured of a method: its own, and those of text metrics."""
    found = METHODS.plugin(method.method) if method is not None else {}
    for name in TEXT_METRICS:
        found |= TEXT_METRICS.plugin(name)
    return found


def tokens_to_measure(
    prompts: dict[str, Prompts], generation: GenerationConfig, documents: int, pricing: Pricing
) -> int:
    """Generated and read to measure a model once."""
    asked = sum(pricing.count_of(one) for one in prompts.values())
    texts = documents * (2 + len(pricing.config.evaluation.domains)) * pricing.length
    return asked * generation.samples * generation.max_new_tokens + texts


def streams_of(method: MethodOptions | None) -> int:
    """Models that read each token."""
    return METHODS[method.method].streams if method is not None else 1


def learned_tokens(method: MethodOptions | None, length: int) -> int:
    """Read in the training of a method: pairs are short texts."""
    if not isinstance(method, TuningOptions):
        return 0
    return int(METHODS[method.method].passes * method.steps * method.batch * length) // 4


def _made(
    job: Job[EvaluateInputs],
    method: MethodOptions,
    lm: LanguageModel,
    pairs: tuple[PreferencePair, ...],
) -> Intervention:
    """The intervention; saved where it was fitted."""
    if not is_fitted(method):
        return METHODS[method.method].fit(None, method)
    job.progress(0.0, f"fits {method.method}")
    evidence = open_evidence(job.cell.need("probe", ProbeInputs), job.store, lm, job.root, pairs)
    intervention = METHODS[method.method].fit(evidence, method)
    intervention.save(job.work / "intervention")
    return intervention


def _told(progress: Callable[[float, str], None], domains: list[str]) -> Callable[[str, int, int], None]:
    """How far the cell is: by prompts, which take most of its time."""
    places = {f"continues {domain} prompts": place for place, domain in enumerate(domains)}

    def told(what: str, done: int, whole: int) -> None:
        share = (places[what] + done / whole) / len(domains) if what in places else 1.0
        progress(_GENERATION_SHARE * share, f"{what}: {done:,} of {whole:,}")

    return told


def _write(work: Path, found: Measured) -> None:
    main, *others = found.prompts.items()
    main[1].write(work / PROMPTS_FILE)
    if others:
        named = [table.frame.assign(scorer=name, scorer_revision=revision) for (name, revision), table in others]
        write_table(work / OTHERS_FILE, pd.concat(named, ignore_index=True))
    tables = {DOCUMENTS_FILE: found.documents, ANSWERS_FILE: found.answers, DETECTION_FILE: found.detection}
    for file, table in tables.items():
        if table is not None:
            table.write(work / file)


def _samples(found: Measured, arm: Arm, method: MethodArms | None, count: int) -> list[Sample]:
    """The first sample of evenly spaced prompts of each domain: chosen by place, never by content."""
    samples = []
    for domain, generations in found.generations.items():
        step = max(1, len(generations.prompts) // max(1, count))
        samples += [
            Sample(
                share=arm.share,
                method=method.arm if method is not None else "base",
                strength=strength if method is None or METHODS[method.method].uses_strength else None,
                prompt=generations.prompts[index],
                text=generations.texts[index][place][0],
                score=None if math.isnan(score := float(found.scores[domain][index, place, 0])) else score,
            )
            for index in range(0, min(step * count, len(generations.prompts)), step)
            for place, strength in enumerate(generations.strengths)
        ]
    return samples
