"""The toy: does rarity entangle a feature? A small world of its own, independent of the language-model rooms.

Mental model, in the order of the files:

* ``chains``: a *world* is a few cyclic Markov chains over shared states. A sequence is fixed by its chain and its
  first state; the last chain is *rare*. The lowest possible loss (*floor*) is known exactly.
* ``model``, ``training``: a *member* is one small decoder, for one share of the rare chain and one seed. All
  members of a setting train at once, as one model with stacked parameters (``torch.func.vmap``).
* ``directions``, ``probe``: a *reading* turns members into one direction for each feature; what a feature is, and
  how and where its direction is found, are options.
* ``representation.geometry.entanglement``, the one file from elsewhere: E of a feature is its largest |cosine| with
  another's direction. Random directions and the Welch bound say what to compare it with: twelve random directions in
  four dimensions have E = 0.842.
* ``setting``, ``experiment``: a *setting* is all of the above; :func:`run` gives a :class:`ToyResult`.
* ``sweep``, ``statistics``: many settings, effects with intervals, p-values corrected for their number.
* ``figures``, ``sweep_figures`` (in one ``style``), ``verdict``, ``storage``, ``command``: drawn, said, written, typed.

In a notebook::

    from hormesis.toy import Setting, draw, run
    draw(run(Setting(shares=(0.05, 1 / 3), seeds=8)))
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
