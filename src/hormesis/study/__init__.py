"""The study room: one YAML in, one results folder out, and nothing computed twice.

::

    YAML ── config ──► Plan ── required ──► cells to run ── executor ──► finished cells ── collect ──► tables ──► report
                        │                                    (processes)       │
                        └── each Cell is named by the hash of its inputs ──────┘

- A :class:`~hormesis.study.cells.Cell` is one unit of cached work: the corpus, the scorer, the labeller, the documents
  of one recipe, one pretrained model, its probes, one method measured on it. What decides its result is in its inputs;
  what does not (cores, wording) is not.
- :class:`~hormesis.study.engine.store.Store` is the folder: a cell is whole (renamed into place) or absent, and one run
  writes at a time.
- The *steps* are where files and rooms meet; each fills a work folder and finishes it.
- A cell whose measurements are in the tables counts as done, even if its checkpoint was deleted, until another cell
  needs the checkpoint.
"""
