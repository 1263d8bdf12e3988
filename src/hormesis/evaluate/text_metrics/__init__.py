"""Text metrics: is a continuation still text? Degenerate text scores as harmless, so these stand beside every toxicity.

One metric, one file; :data:`TEXT_METRICS` holds them by name, :func:`text_metric` says how to add one, and
:func:`text_measures` takes them all. Each is a column of a :class:`~hormesis.evaluate.PromptTable` and a metric in
measurements, averaged over prompts. Whatever marks single continuations as broken makes them *degenerate* together.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
