"""The engine of a study: what a cell and a kind of cell are, where results lie, and how cells run and what they cost.

- A :class:`~hormesis.study.engine.cell.Cell` is one unit of cached work, named by the hash of its inputs.
- A :class:`~hormesis.study.engine.kind.Kind` knows how cells of one kind are planned, run and priced;
  :data:`~hormesis.study.engine.kind.KINDS` finds them in :mod:`hormesis.study.cells`, a file each.
- :class:`~hormesis.study.engine.store.Store` is the results folder; :mod:`~hormesis.study.engine.fingerprints` knows
  the files that a study reads.
- :func:`~hormesis.study.engine.run.run_cells` runs cells, each after those that it needs, on an
  :class:`~hormesis.study.engine.executor.Executor`, which knows where: processes of this machine
  (:mod:`~hormesis.study.engine.pool`), or a Ray cluster (:mod:`~hormesis.study.engine.on_ray`), which works in
  :mod:`~hormesis.study.engine.attempts`. :mod:`~hormesis.study.engine.failures` says what became of those that failed.
"""
