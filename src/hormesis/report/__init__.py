"""The report room: measurement rows in, a page that a careful reader can check out.

A pure function. It trains nothing, scores nothing and asks no network, so a results folder can be redrawn
anywhere, and the same rows give the same bytes. In the order of reading:

- ``measurements`` checks the rows and parts them into single seeds, pooled values and attention heads
  (``pooling``: what an interval is, where the evaluation stored none);
- ``tradeoff`` puts capability cost and toxicity side by side, ``frontier`` interpolates between strengths,
  and ``headline`` reads off it what each share leaves at *equal* cost: strengths of different models are
  never compared;
- ``cautions`` looks for reasons to doubt: too few seeds, a control that does as much, broken text, holes in
  the grid;
- ``figures``, ``tables``, ``summary`` and ``page`` show it. A figure whose metric was not measured is left
  out with a note.
"""

from hormesis.report.frontier import Frontier, OperatingPoint
from hormesis.report.lens import Lens, lens_page
from hormesis.report.sample import Sample
from hormesis.report.write import CAPABILITY_BUDGETS, write_report

__all__ = ["CAPABILITY_BUDGETS", "Frontier", "Lens", "OperatingPoint", "Sample", "lens_page", "write_report"]
