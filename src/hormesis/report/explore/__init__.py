"""The page to explore: what an analysis decides, as one file that answers questions without a server.

Everything that the page says or draws is worked out here, in Python, and travels as data; its script only chooses.

- :mod:`.answers` puts :func:`hormesis.statistics.answers.answers` into columns: for each token budget, set of prompts,
  definition of cost and method the toxicity at every capability budget of a grid, and a verdict in words.
- :mod:`.points` has what was measured: a row a model and setting.
- :mod:`.trust` says in five lines how far to believe it.
- :mod:`.views` has what stands in tabs: heads, geometry, training, tampering; :mod:`.tables` the tables.
- :mod:`.specs` draws: Vega-Lite, the same for the page and, by :mod:`.paper`, for paper.
- :mod:`.packed` makes one compressed text of it; generated text is in there and nowhere else.
"""
