"""Recipes for documents: what is done to a corpus before a model is trained on it.

::

    Document ─┐
              ├─► DocumentTransform ─► Document (other text, spans without loss) or nothing ─► tokenize
    scores ───┘          └─► condition: the text that is put before a prompt at inference

A :class:`DocumentTransform` sees one document and how toxic it is; it knows neither the other documents nor the
model. Scores in [0, 1] come from a callable that the caller gives, a *labeller*: never the scorer that evaluates.
:func:`transformed` applies one to a stream in bounded memory. What is put before a document counts as tokens of the
budget, like the document. What a recipe does to the *order* of rows, or to the source that they come from, is the
mixture's (``placement``, ``cooldown``, ``budget: toxic``, another source). :data:`RECIPES` lists all of them.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
