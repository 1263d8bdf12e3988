"""The statistics room: measurement rows in, statements that say how sure they are.

Pure functions: no model, no text, no network, so all of it is computed again from a results folder in seconds.

::

    rows ── Measurements ── trade_off ── Frontier ──► Panel [shares, seeds] ──► paired differences, power
                  └── HeadTable ────────────────────────┘        └── resampled ──► DoseResponse ──► Recommendation

- :class:`Measurements` checks the rows and parts them into single seeds, pooled values and attention heads.
- A :class:`Frontier` interpolates toxicity between strengths, so that models are compared at *equal capability cost*.
- A :class:`Panel` is one outcome by share and seed. A seed is a block: mixtures are nested and initialisations shared
  within it, so shares are compared within seeds (:func:`paired_differences`), and noise is what is left after both.
- :func:`dose_response_of` asks whether steered toxicity dips, where and how deep; :func:`recommend` names a share, or
  says that the data do not decide and how many seeds would.
- :func:`tail_differences` compares the upper tails of probe accuracies, models and not heads being exchanged.
- :func:`recovery_table` reads off how soon tampering brings back what detoxification removed.

With few seeds a statement is what its assumptions make it: every p has its ``smallest`` attainable value beside it,
and intervals from fewer than five seeds are said to be such.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
