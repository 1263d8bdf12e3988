"""The room of models: a causal language model as one value, and what everyone must know of it.

    folder, .gguf file, hub id ──► load ──┐
    a model and a tokenizer ──► .of ──────┴──► LanguageModel ──► capture, fit, generate, cost, attack

*Value*: a :class:`LanguageModel` is a model, its tokenizer and a name; it is never changed, and what it is asked for is
read off the two. *Length*: how many tokens fit (:func:`context_length`), and whether more would fail
(:func:`learned_positions`). *Tokens*: which one stands before a text (:func:`start_token`). *Mode*: no dropout while
something is read (:func:`evaluating`). *Place*: where token ids belong (:func:`input_device`).
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
