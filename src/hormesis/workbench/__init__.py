"""The workbench: one model at a time, any Hugging Face causal language model, ours or not.

::

    load ──► Loaded ──► gather(concept) ──► Evidence ──► METHODS[name].fit ──► an Intervention
                │            │                                   │
                │       probe_table, heat map                calibrate ──► the strength that costs so much
                └──────► measure(interventions × prompts × texts × scorers) ──► measurement rows

The rooms to the left do the work; here they are put together for a person at a terminal (``hormesis probe``, ``detox``,
``generate``, ``evaluate``, ``methods``, ``scorer``) or in a notebook. A study does the same for many models at once.
"""

from __future__ import annotations

from hormesis.workbench.evidence import gather
from hormesis.workbench.loading import Loaded, load
from hormesis.workbench.measuring import Setting, measure
from hormesis.workbench.probing import probe_table

__all__ = ["Loaded", "Setting", "gather", "load", "measure", "probe_table"]
