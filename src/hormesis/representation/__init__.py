"""The representation room: what the attention heads and the residual stream of a model know about a concept.

*Where*: a :class:`ModelLayout` finds the output projection of every attention block; a head's activation z is its slice
of that projection's input; the residual stream h is what a layer gives. *What*: :func:`capture_heads` reads z at the
last token of each text (:func:`capture_heads_and_residual` h too, in the same pass), and nothing else is kept.
*Knowledge*: :func:`fit_probes` fits one logistic probe a head, all heads at once, on the rows that
:func:`split_by_group` put into ``fit``; heads are ranked on ``validation``; ``test`` is looked at once, at the end;
:func:`probe_layers` does so for h. *Direction*: for chosen heads (:class:`Directions`), or for one layer's stream
(:class:`ResidualDirection`), a unit vector that points **from toxic to non-toxic**, and the length of one step along
it, estimated on the ``fit`` rows. *Geometry* (:mod:`hormesis.representation.geometry`): how the directions of many
concepts (:class:`ConceptBank`) lie to each other, against chance.

Texts go in, frozen values come out; the model is never changed, and no hook outlives the call that set it.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
