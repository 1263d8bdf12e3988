"""The ground room: what was measured, as tables and rows. numpy, pandas, scipy and pyarrow, and no other room.

::

    continuations, texts, questions ─(evaluate)─► PromptTable, DocumentTable, AnswerTable, DetectionTable
                                                        │ summaries, with intervals (bootstrap)
                                                        ▼
                                                  Measurement rows ─► statistics ─► report

- A *table* keeps one row of numbers for each prompt, document, question or text: what a cell stores. Splits,
  intervals and pooling over seeds follow from it, without a model (:func:`prompt_measurements` and its like).
- A :class:`Measurement` is the tidy row in which every figure ends: a value, its n, its interval, its provenance
  (:class:`Origin`). :func:`read_measurements` upgrades files that older versions wrote.
- Several scorers may judge the same continuations: :func:`over_prompts` and :func:`over_settings` say how they agree.

A score that failed is NaN: it is counted and left out, never imputed.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
