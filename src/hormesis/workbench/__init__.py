"""The workbench: one model at a time, any Hugging Face causal language model, ours or not.

::

    load ──► Loaded ──► gather(concept) ──► Evidence ──► METHODS[name].fit ──► an Intervention
                │            │                                   │
                │       probe_table, heat map                calibrate ──► the strength that costs so much
                └──────► measure(interventions × prompts × texts × scorers) ──► measurement rows

The rooms to the left do the work; here they are put together for a person at a terminal (``hormesis probe``, ``detox``,
``geometry``, ``generate``, ``evaluate``, ``methods``, ``scorer``) or in a notebook. A study does the same for many
models at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hormesis.workbench.evidence import gather
    from hormesis.workbench.loading import Loaded, load
    from hormesis.workbench.measuring import Setting, measure
    from hormesis.workbench.probing import probe_table

__all__ = ["Loaded", "Setting", "gather", "load", "measure", "probe_table"]

_ROOMS = {
    "gather": "evidence",
    "Loaded": "loading",
    "load": "loading",
    "Setting": "measuring",
    "measure": "measuring",
    "probe_table": "probing",
}


def __getattr__(name: str) -> object:
    """Import when asked: the command line's help must not wait for PyTorch."""
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
