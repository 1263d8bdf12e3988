"""The detox room: ways to make a trained model less toxic, behind one protocol.

An :class:`Intervention` is applied for a while: within ``with intervention.apply(model, strength):`` every forward pass
is steered; outside, the model is untouched. Positive strength detoxifies, 0 is the model itself, and strength may
differ from row to row of a batch, unless weights change. Methods are values: they are made from what the representation
room found (:class:`Evidence`), saved, loaded and compared; ITI, CAA and ablation ship with controls that say
how much of their effect an equal push that knows nothing would have had. There are four kinds:

- *prompts* (:class:`Prompting`): other words before the text;
- *hooks* (:class:`HookedIntervention`: ITI, gated, CAA, PCA, ablation, LEACE): other activations at chosen modules;
- *contrasts* (:mod:`~hormesis.detox.contrasts.contrast`: self-debiasing, DExperts): other logits, from a second stream;
- *weights* (:class:`WeightDelta`: SFT, DPO): other weights, by as much of a fine-tuning as the strength says.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
