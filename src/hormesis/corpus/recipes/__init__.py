"""Recipes: what is done to a corpus before a model is trained on it. One recipe, one file.

::

    Document ─┐
              ├─► DocumentTransform ─► Document (other text, spans without loss) or nothing ─► tokenize
    scores ───┘          └─► condition: the text that is put before a prompt at inference

A :class:`DocumentTransform` sees one document and how toxic it is; it knows neither the other documents nor the
model. Scores in [0, 1] come from a callable that the caller gives, a *labeller*: never the scorer that evaluates.
:func:`transformed` applies one to a stream in bounded memory. What is put before a document counts as tokens of the
budget, like the document. Another :class:`Recipe` changes the *order* of rows, how many there are, or the source that
they come from: it hands on another :class:`~hormesis.corpus.MixtureConfig` or source. :data:`RECIPES` holds all of
them; :func:`recipe` says how to add one.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
