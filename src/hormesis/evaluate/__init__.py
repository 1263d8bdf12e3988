"""The evaluate room: how toxic is what a model writes, at what cost in capability, and how sure is that?

::

    Prompt ── generate ──► Generations ── Scorer ──► PromptTable ──┐
                    (steered by an Intervention, at all strengths) ├─► Measurement rows, with intervals
    text ──── language_model_cost ─────────────────► DocumentTable ┤
    Task ──── evaluate_tasks ──────────────────────► AnswerTable ──┘

- :func:`measure` puts a model under one :class:`Setting` to an :class:`EvaluationSuite`: all of the above and below.
- :func:`generate` reads a prompt once and branches into strengths × samples; a :class:`Scorer`, usually behind a
  :class:`ScoreCache`, judges the continuations. The kinds of scorers are :mod:`~hormesis.evaluate.scorers`.
- :func:`language_model_cost` measures cross-entropy and KL on plain text, at all strengths in one pass.
- :func:`evaluate_tasks` asks the questions of known benchmarks (ARC, BLiMP, MMLU, …) through lm-eval;
  :mod:`~hormesis.evaluate.capability` is a room of its own.
- :func:`zero_shot` and :func:`linear_probe` ask whether the model itself can tell toxic texts from others
  (:mod:`~hormesis.evaluate.detection`).
- :func:`calibrate` turns that around: which strength costs so much?
- :mod:`~hormesis.evaluate.text_metrics` ask whether the text is still text, whoever scores it.
- The *tables* keep one row of numbers for each prompt, document or question: they are what a cell stores.
  Everything else (splits, intervals, pooling over seeds) follows from them, without a model, by
  :func:`prompt_measurements`, :func:`document_measurements` and :func:`answer_measurements`.
- Several scorers may judge the same continuations: :func:`over_prompts` and :func:`over_settings` say how well they
  agree, :func:`against_reference` how well one agrees with Perspective's scores.
- A :class:`Measurement` is the tidy row in which every figure of a study ends.

A score that failed is NaN: it is counted and left out, never imputed.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
