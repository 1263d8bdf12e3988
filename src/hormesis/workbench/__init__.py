"""The workbench: one model at a time, any Hugging Face causal language model, ours or not.

::

    LanguageModel ──► gather(concept) ──► Evidence ──► METHODS[name].fit ──► an Intervention
                │            │                                   │
                │       probe_table, heat map                calibrate ──► the strength that costs so much
                └──────► measure(interventions × prompts × texts × scorers) ──► measurement rows

The rooms to the left do the work; here they are put together for a person at a terminal (``hormesis probe``, ``detox``,
``geometry``, ``generate``, ``evaluate``, ``methods``, ``scorer``) or in a notebook. A study does the same for many
models at once.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
