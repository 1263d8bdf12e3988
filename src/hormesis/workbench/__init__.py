"""The workbench: one model at a time, any Hugging Face causal language model, ours or not.

::

    LanguageModel ──► gather(concept) ──► Evidence ──► METHODS[name].fit ──► an Intervention
                │            │                                   │
                │       probe_table, heat map                calibrate ──► the strength that costs so much
                └──────► measure(interventions × prompts × texts × scorers) ──► measurement rows

The rooms to the left do the work; here they are put together: values in, frames, figures and artefacts out, nothing
printed. A notebook finds the steps at the top of the package (``import hormesis as hm``), a person at a terminal in
the command line (``hormesis probe``, ``detox``, …). A study does the same for many models at once.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
