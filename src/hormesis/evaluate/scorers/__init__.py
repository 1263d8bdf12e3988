"""Kinds of scorers: what a study or a command line may judge texts with. One kind, one file.

A :class:`ScorerKind` is what a user writes (its fields are the YAML's), and knows how to open its
:class:`~hormesis.evaluate.Scorer`; a :class:`FittedScorerKind` is fitted first, on rows that no model is trained on.
:data:`SCORERS` holds them by name; :func:`scorer` says how to add one. What runs a model imports torch when it is used.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
