"""The evaluate room: how toxic is what a model writes, at what cost in capability, and how sure is that?

::

    Prompt ── generate ──► Generations ── Scorer ──► PromptTable ──┐
                    (steered by an Intervention, at all strengths) ├─► Measurement rows, with intervals
    text ──── language_model_cost ─────────────────► DocumentTable ┤
    Task ──── evaluate_tasks ──────────────────────► AnswerTable ──┘

- :func:`evaluate_prompts` runs a prompt protocol (RealToxicityPrompts, ToxiGen, microworld): :func:`generate`
  reads a prompt once and branches into strengths × samples; a :class:`Scorer`, usually behind a
  :class:`ScoreCache`, judges the continuations.
- :func:`language_model_cost` measures cross-entropy and KL on plain text, at all strengths in one pass.
- :func:`evaluate_tasks` asks the questions of known benchmarks (ARC, BLiMP, MMLU, …) through lm-eval;
  :mod:`~hormesis.evaluate.capability` is a room of its own.
- :func:`zero_shot` and :func:`linear_probe` ask whether the model itself can tell toxic texts from others
  (:mod:`~hormesis.evaluate.detection`).
- :func:`calibrate` turns that around: which strength costs so much?
- The *tables* keep one row of numbers for each prompt, document or question: they are what a cell stores.
  Everything else (splits, intervals, pooling over seeds) follows from them, without a model, by
  :func:`prompt_measurements`, :func:`document_measurements` and :func:`answer_measurements`.
- Several scorers may judge the same continuations: :func:`over_prompts` and :func:`over_settings` say how well they
  agree, :func:`against_reference` how well one agrees with Perspective's scores.
- A :class:`Measurement` is the tidy row in which every figure of a study ends.

A score that failed is NaN: it is counted and left out, never imputed.
"""

from __future__ import annotations

from hormesis.evaluate.agreement import Estimate, over_prompts, over_settings
from hormesis.evaluate.bootstrap import Intervals, bootstrap
from hormesis.evaluate.calibration import Calibration, calibrate
from hormesis.evaluate.capability import (
    AnswerTable,
    CapabilityConfig,
    Task,
    answer_measurements,
    evaluate_tasks,
    load_tasks,
)
from hormesis.evaluate.cost import DocumentTable, language_model_cost
from hormesis.evaluate.degenerate import Degenerate, degenerate
from hormesis.evaluate.detection import (
    DetectionConfig,
    DetectionTable,
    detection_measurements,
    linear_probe,
    read_toxigen,
    zero_shot,
)
from hormesis.evaluate.encoder_scorer import EncoderConfig, fit_encoder
from hormesis.evaluate.generation import GenerationConfig, Generations, generate
from hormesis.evaluate.hugging_face_scorer import HuggingFaceScorer
from hormesis.evaluate.measurement import Measurement, Origin, read_measurements, to_frame, write_measurements
from hormesis.evaluate.ngram_scorer import NgramConfig, NgramScorer
from hormesis.evaluate.own_pairs import own_pairs
from hormesis.evaluate.prompt_table import PromptTable
from hormesis.evaluate.protocol import ProtocolResult, evaluate_prompts, score_generations
from hormesis.evaluate.quality import Quality, quality_metrics
from hormesis.evaluate.reference import ReferenceAgreement, ReferenceScale, against_reference
from hormesis.evaluate.score_cache import CachedScorer, ScoreCache
from hormesis.evaluate.scorer import MicroworldScorer, Scorer, ScorerAgreement, scorer_agreement
from hormesis.evaluate.summary import document_measurements, prompt_measurements
from hormesis.evaluate.toxicity import Toxicity, toxicity_metrics

__all__ = [
    "AnswerTable",
    "CachedScorer",
    "Calibration",
    "CapabilityConfig",
    "Degenerate",
    "DetectionConfig",
    "DetectionTable",
    "DocumentTable",
    "EncoderConfig",
    "Estimate",
    "GenerationConfig",
    "Generations",
    "HuggingFaceScorer",
    "Intervals",
    "Measurement",
    "MicroworldScorer",
    "NgramConfig",
    "NgramScorer",
    "Origin",
    "PromptTable",
    "ProtocolResult",
    "Quality",
    "ReferenceAgreement",
    "ReferenceScale",
    "ScoreCache",
    "Scorer",
    "ScorerAgreement",
    "Task",
    "Toxicity",
    "against_reference",
    "answer_measurements",
    "bootstrap",
    "calibrate",
    "degenerate",
    "detection_measurements",
    "document_measurements",
    "evaluate_prompts",
    "evaluate_tasks",
    "fit_encoder",
    "generate",
    "language_model_cost",
    "linear_probe",
    "load_tasks",
    "over_prompts",
    "over_settings",
    "own_pairs",
    "prompt_measurements",
    "quality_metrics",
    "read_measurements",
    "read_toxigen",
    "score_generations",
    "scorer_agreement",
    "to_frame",
    "toxicity_metrics",
    "write_measurements",
    "zero_shot",
]
