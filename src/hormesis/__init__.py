"""hormesis: how much bad data makes a good model?

Rooms, from left to right; each imports only rooms to its left, and hands on typed values::

    corpus ──► pretrain ──► representation ──► detox ──► evaluate ──► report
       └──────────────┴─────────── study (YAML → cells → results) ───────────┘
    toy (its own small world)

Importing this package loads nothing. In a notebook the steps of working with one model are here::

    import hormesis as hm

    lm = hm.load("path/or/hub-id")                      # or hm.load(model, tokenizer)
    toxic = hm.concept("toxigen.parquet", label="toxicity_human", threshold=2.5, group="target_group")
    iti = hm.fit("iti", lm, toxic, heads=30)
    with hm.steer(lm, iti, 8.0):
        ...                                             # every forward pass is steered
    hm.generate(lm, ["The people"], iti, strength=8.0)
    hm.cost(lm, texts, iti, strengths=[2, 4, 8])        # a frame
    rows = hm.measure(lm, [hm.Setting(iti, (2.0, 8.0))], prompts=…, texts=…, scorers=…)
    hm.frontier(rows)                                   # a figure
"""

from __future__ import annotations

import lazy_loader

_named, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    if name == "__version__":  # reading it takes longer than all the rest of `hormesis --version`
        from importlib.metadata import version

        return version("hormesis")
    from hormesis.optional import needed_for

    with needed_for(f"hormesis.{name}"):
        return _named(name)
