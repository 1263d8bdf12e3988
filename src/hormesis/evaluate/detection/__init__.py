"""Detection: can the model itself tell toxic texts from others? Another measure than the toxicity of what it writes.

::

    read_toxigen ──► LabelledTexts ── zero_shot (steered, at all strengths) ──┐
                          └────────── linear_probe (groups left out) ─────────┴► DetectionTable ──
                          detection_measurements ──► rows

- *Zero-shot*: the model is asked, in the words of lm-eval's ToxiGen task, and its score is ln p(Yes) − ln p(No).
- *Linear probe*: what the residual stream knows, whether the model can say it or not; each text is judged by a probe
  that saw no text of its target group.
- AUROC needs no threshold; balanced accuracy is at a score of 0. Both overall and by target group.

The paper finds that detection improves with the toxic share (arXiv 2505.04741); ToxiGen: arXiv 2203.09509.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
