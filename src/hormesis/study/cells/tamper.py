"""Fine-tune one detoxified model for growing numbers of steps, and measure it after each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from pydantic import Field

from hormesis.attacks import TamperingConfig, TamperingKind
from hormesis.config import Config
from hormesis.corpus import HeldOutConfig, role_of
from hormesis.corpus.prompt_sources import Prompts
from hormesis.detox import METHODS, AtCosts, is_fitted
from hormesis.evaluate import GenerationConfig
from hormesis.measurements import read_measurements, to_frame, write_measurements
from hormesis.measurements.names import MEASUREMENTS_FILE
from hormesis.optional import require
from hormesis.study.arms import Arm
from hormesis.study.calibrating import read_strengths
from hormesis.study.cells.corpus import CorpusInputs, corpus_data
from hormesis.study.cells.evaluate import EvaluateInputs, plugins_of, streams_of, tokens_to_measure
from hormesis.study.cells.pretrain import Precision, PretrainInputs, open_model
from hormesis.study.cells.scorer import needed_scorers, open_scorer, scorers_needed
from hormesis.study.engine.cell import Cell, Inputs
from hormesis.study.engine.kind import Job, Kind, kind
from hormesis.study.methods import MethodArms, StudyMethod, columns_of_arm
from hormesis.study.rows import origin_of
from hormesis.study.texts import Corpus, documents_of, prompts_of, read_texts

if TYPE_CHECKING:
    from pathlib import Path

    from hormesis.attacks import FineTuningAttack
    from hormesis.detox import Intervention
    from hormesis.study.engine.cost import CellEstimate, Pricing
    from hormesis.study.plan import Plan, PlannedArm, Planning

_PARTS: dict[TamperingKind, str] = {"benign": "clean", "adversarial": "toxic"}


class TamperingSection(Config):
    """Fine-tune each detoxified model on the corpus' own training rows, clean (benign) or toxic (adversarial)."""

    kinds: tuple[TamperingKind, ...] = Field(default=("benign", "adversarial"), min_length=1)
    texts: int = Field(default=1000, ge=1, description="training rows of each kind")
    training: TamperingConfig = TamperingConfig()
    methods: tuple[str, ...] | None = Field(default=None, description="beside the unsteered model; null: all")
    strengths: dict[str, float] = Field(
        default_factory=dict, description="by method; default: the middle one of the method's strengths"
    )

    def concerns(self, method: MethodArms | None) -> bool:
        """Whether a method (None: the unsteered model, which every curve is compared with) is tampered with."""
        return method is None or self.methods is None or method.arm in self.methods

    def strength_of(self, method: MethodArms | None) -> float:
        """The one strength at which a method is tampered with; 0 where it has none."""
        if method is None:
            return 0.0
        own = method.measured_strengths
        return self.strengths.get(method.arm, own[len(own) // 2])

    def check(self, methods: tuple[MethodArms, ...]) -> None:
        """:raises ValueError: a method is named that the study does not have."""
        known = {method.arm for method in methods}
        unknown = sorted({*(self.methods or ()), *self.strengths} - known)
        if unknown:
            raise ValueError(f"`tampering` names {', '.join(unknown)}, which `methods` does not list")


class TamperInputs(Inputs):
    """What is tampered with, and how it is measured."""

    kind: ClassVar[str] = "tamper"
    arm: Arm
    method: StudyMethod | None
    condition: str = ""
    tampering: TamperingSection
    corpus: Corpus
    held_out: HeldOutConfig
    """As training sees it."""
    prompts: dict[str, Prompts]
    generation: GenerationConfig
    precision: Precision = "float32"
    documents: int
    data: dict[str, str]


@kind
class TamperKind(Kind[TamperInputs]):
    """Measurement rows, written after every attack: a killed cell goes on with the next."""

    inputs = TamperInputs
    after = ("evaluate",)
    resumes = True

    def plan_method(
        self, planning: Planning, arm: PlannedArm, method: MethodArms | None
    ) -> Iterator[Cell[TamperInputs]]:
        """One, where the study asks for it."""
        config, evaluation = planning.config, planning.config.evaluation
        if config.tampering is None or not config.tampering.concerns(method):
            return
        inputs = TamperInputs(
            arm=arm.arm,
            method=method,
            condition=arm.condition,
            tampering=config.tampering,
            corpus=config.corpus,
            held_out=config.held_out.for_training,
            prompts=evaluation.prompts,
            generation=evaluation.generation,
            precision=evaluation.precision,
            documents=evaluation.documents,
            data=corpus_data(planning) | planning.files.prompts(evaluation.prompts),
            plugins=plugins_of(method),
        )
        evaluated = arm.cell(EvaluateInputs)
        needs: dict[str, Cell[Any]] = {"corpus": planning.of(CorpusInputs)[0], **scorers_needed(planning)}
        needs["model"] = arm.cell(PretrainInputs)
        if is_fitted(method):
            needs["evaluated"] = evaluated
        yield Cell(inputs, needs, label=f"tamper {evaluated.label}")

    def foresee(self, plan: Plan, root: Path | None) -> None:  # noqa: ARG002
        """See :meth:`~hormesis.study.engine.kind.Kind.foresee`."""
        require("tampering", "trl", "peft")

    def run(self, job: Job[TamperInputs]) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.run`."""
        from hormesis.attacks import FineTuningAttack, fine_tuning_attacks, tampering_measurements
        from hormesis.evaluate import EvaluationSuite

        inputs = job.inputs
        path = job.work / MEASUREMENTS_FILE
        rows = read_measurements(path) if path.is_file() else to_frame([])
        known = rows[["tampering", "tampering_steps"]].drop_duplicates()
        done = [FineTuningAttack(kind, int(steps)) for kind, steps in known.itertuples(index=False)]
        section = inputs.tampering
        lm = open_model(job.cell.need("model", PretrainInputs), job.store, job.device, inputs.precision)
        scorer = open_scorer(needed_scorers(job.cell)[0], job.store, job.device)
        held_out = {path.stem: path for path in sorted((job.folder("corpus") / "held_out").glob("*.parquet"))}
        suite = EvaluationSuite(
            {domain: prompts_of(prompts, inputs.corpus, job.root) for domain, prompts in inputs.prompts.items()},
            {domain: read_texts(file)[: inputs.documents] for domain, file in held_out.items()},
            [scorer],
            generation=inputs.generation,
        )
        texts = {kind: _training_texts(job, kind) for kind in section.kinds}
        intervention, strength = _intervention(job), section.strength_of(inputs.method)
        origin = origin_of(
            job.cell.name,
            inputs.arm,
            method=inputs.method.arm if inputs.method is not None else "base",
            columns=columns_of_arm(inputs.method),
            heads=inputs.method.edited_heads if inputs.method is not None else None,
            scorer=(scorer.name, scorer.revision),
        )
        config = section.training.model_copy(update={"seed": inputs.arm.seeds.init})
        every = fine_tuning_attacks(section.kinds, config)

        def told(attack: FineTuningAttack, now: int, whole: int) -> None:
            so_far = (every.index(attack) + now / whole) / len(every)
            resumed = sum(known in done for known in every) / len(every)
            job.progress(so_far, f"{attack.kind} fine-tuning, step {now} of {whole}", resumed)

        for _, found in tampering_measurements(
            lm, intervention, strength, texts, config, suite, origin, done=done, progress=told
        ):
            rows = pd.concat([rows, to_frame(found)], ignore_index=True)
            write_measurements(path, rows)

    def cost(self, inputs: TamperInputs, pricing: Pricing) -> CellEstimate:
        """Measuring before, and after each fine-tuning; and these."""
        training = inputs.tampering.training
        kinds, longest = len(inputs.tampering.kinds), min(pricing.length, training.max_length)
        times = 1 + kinds * len(training.steps)
        tokens = times * tokens_to_measure(inputs.prompts, inputs.generation, inputs.documents, pricing)
        learned = kinds * sum(training.steps) * training.batch * longest
        return pricing.of(tokens * streams_of(inputs.method), learned=learned)


def _training_texts(job: Job[TamperInputs], kind: TamperingKind) -> list[str]:
    """The first training rows of a part of the corpus: none that anything is measured or scored with."""
    inputs = job.inputs
    documents = documents_of(inputs.corpus, _PARTS[kind], job.root)
    training = (row.text for row in documents if role_of(row.text, inputs.held_out) == "train")
    return list(islice(training, inputs.tampering.texts))


def _intervention(job: Job[TamperInputs]) -> Intervention:
    """What the evaluate cell of the same arm and method was measured with."""
    from hormesis.detox import Conditioned, Unsteered, load_intervention

    method, condition = job.inputs.method, job.inputs.condition
    intervention: Intervention = Unsteered()
    if is_fitted(method):
        intervention = load_intervention(job.folder("evaluated") / "intervention")
        if method is not None and method.at_costs is not None:
            intervention = AtCosts(intervention, read_strengths(job.folder("evaluated")))
    elif method is not None:
        intervention = METHODS[method.method].fit(None, method)
    return Conditioned(intervention, condition) if condition else intervention
