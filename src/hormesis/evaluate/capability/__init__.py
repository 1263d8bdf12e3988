"""Capability: how many questions of known benchmarks a model answers, steered or not, through lm-eval.

::

    files ── load_tasks ──► Task ── evaluate_tasks (lm-eval, in this process) ──► AnswerTable ──► rows

- The *data* are local files (:class:`CapabilityConfig`); nothing is downloaded. The *prompts* are those of lm-eval's
  own task configurations, so that accuracies are comparable with published ones. All tasks are asked without examples
  (zero-shot), also MMLU, which is usually asked with five: the files hold no questions to show.
- The *model* is in memory and steered (:mod:`~hormesis.evaluate.capability.steered_model`): a question is a prompt,
  and an answer what would be generated after it, so the last token of the question and all of the answer are edited,
  as in generation.
- An :class:`AnswerTable` keeps one row for each question; accuracies, parts, intervals and chance follow from it.

Models of a few million parameters are at chance on most of these tasks: the chance line stands beside every accuracy.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
