"""The corpus room: from files, datasets or the microworld to rows of tokens for training.

One direction, one value handed on at each step::

    SourceConfig ─ read ─► Document ─ with_role ─► Document ─ tokenize ─► TokenShards ─┐
    Microworld ────────────┘                          ▲                                ├─► Mixture
                               train_tokenizer ───────┘          (the other source) ───┘

- :func:`read` streams documents in a fixed order; nothing here holds a corpus in memory. What the file formats are,
  :mod:`~hormesis.corpus.readers` know: one file a format.
- :func:`role_of` decides by the text alone what is trained on and what is held out.
- :class:`TokenShards` is a folder of raw token arrays and a manifest; its fingerprint is its content's hash.
- :mod:`~hormesis.corpus.recipes` (MEDA, INST, tags, filter, mask) transform documents on their way to ``tokenize``.
- :class:`Mixture` is an OLMo-core instance source over a clean and a toxic :class:`TokenShards`: nested
  across shares, in any placement of the toxic rows.
- :class:`Microworld` is an artificial language of which toxicity and entropy are known exactly.
- :class:`LabelledTexts` (a concept to probe for) and :class:`Prompt` are what later rooms measure with.
- :class:`EvaluationIndex` finds texts of evaluation sets among training rows: whole, or by an n-gram.

Everything is a pure function of its inputs and seeds.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
